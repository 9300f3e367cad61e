import { randomInt, randomUUID } from 'node:crypto';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createClient } from 'redis';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { eventually } from '../../servers/eventually.js';
import { needs } from '../../servers/needs.js';
import { startPostgres } from '../../servers/postgres.js';
import { startRedis } from '../../servers/redis.js';
import { startRedisCluster } from '../../servers/redis-cluster.js';
import { START_LIMIT, temporaryFolder } from '../../servers/server-process.js';
import { type Calls, readCalls } from './calls.js';
import { checkCalls } from './check-calls.js';
import { type CustomerProcess, startCustomerProcess } from './customer-processes.js';
import {
  type CustomerStoreName,
  type CustomerStoreSetting,
  openCustomerStore,
} from './open-customer-store.js';

const LONG = process.env.LONG === '1';
/** How much the processes write down together before they end, in bytes. A call takes some hundred. */
const ENOUGH = LONG ? 10_000_000 : 800_000;
const LIMIT = LONG ? 1_200_000 : 90_000;
const HOUR = {
  timeouts: { idleTimeout: 3_600_000, absoluteTimeout: 3_600_000 },
  limits: { margin: 40_000, fence: 20_000, batch: 100 },
};
/** Sessions expire, and a process that was stopped misses the fence now and then. */
const SECONDS = {
  timeouts: { idleTimeout: 2000, absoluteTimeout: 2000 },
  limits: { margin: 1200, fence: 600, batch: 100 },
};

interface Backend {
  readonly urls: readonly string[];
  stop(): unknown;
}

async function onServer(start: () => Promise<{ url: string; stop(): unknown }>): Promise<Backend> {
  const { url, stop } = await start();
  return { urls: [url], stop };
}

async function onCluster(): Promise<Backend> {
  const { nodes, stop } = await startRedisCluster();
  return { urls: nodes.map(({ url }) => url), stop };
}

async function inFile(): Promise<Backend> {
  const { path, remove } = temporaryFolder('customers');
  return { urls: [join(path, 'sessions.db')], stop: remove };
}

const stores: [CustomerStoreName, typeof describe | ReturnType<typeof needs>, () => Promise<Backend>][] = [
  ['Redis (node-redis)', needs('redis-server'), () => onServer(startRedis)],
  ['Redis Cluster (node-redis)', needs('redis-server'), onCluster],
  ['PostgreSQL (pg)', needs('postgres'), () => onServer(startPostgres)],
  ['SQLite (libsql)', describe, inFile],
];

/** Four processes, and what is done to them again and again. Resolves with their calls. `name` is in all their keys. */
async function run(
  setting: CustomerStoreSetting,
  name: string,
  disturb: (processes: CustomerProcess[], start: () => Promise<CustomerProcess>) => Promise<void>,
): Promise<Calls> {
  const folder = temporaryFolder('customers');
  onTestFinished(folder.remove);
  let started = 0;
  const customers = [`ada ${name}`, `b{o}b ${name}`, `Zoë 🛒 ${name}`];
  function start(): Promise<CustomerProcess> {
    const own = `${name}-${started++}`;
    return startCustomerProcess({ ...setting, name: own, customers, log: join(folder.path, own) });
  }
  const processes = await Promise.all([start(), start(), start(), start()]);
  onTestFinished(async () => void (await Promise.all(processes.map((process) => process.kill()))));
  const logs = () => readdirSync(folder.path).map((name) => join(folder.path, name));
  const written = () => logs().reduce((sum, log) => sum + statSync(log).size, 0);
  do await disturb(processes, start);
  while (written() < ENOUGH);
  await Promise.all(processes.map((process) => process.finish()));
  return readCalls(logs());
}

for (const [store, describeIt, open] of stores) {
  describeIt(`four processes on ${store}`, () => {
    let backend: Backend;
    beforeAll(async () => {
      backend = await open();
    }, START_LIMIT);
    afterAll(() => backend?.stop());

    it(
      'list every session of a customer and no other, and end each once',
      async () => {
        const setting = { store, urls: backend.urls, ...HOUR };
        const calls = await run(setting, newName(), () => sleep(100));
        const checked = checkCalls(calls, HOUR.timeouts.absoluteTimeout);
        expect(calls.errors).toEqual([]);
        expectNothingWrong(store, checked);
        const { store: opened, close } = await openCustomerStore(setting);
        const left = await Promise.all([...calls.owners.keys()].map((id) => opened.peek(id)));
        await close();
        expect(checked.created - checked.ended).toBe(left.filter(Boolean).length);
      },
      LIMIT,
    );

    it(
      'do so while some of them are killed and stopped, and sessions expire',
      async () => {
        const setting = { store, urls: backend.urls, ...SECONDS };
        const name = newName();
        const calls = await run(setting, name, async (processes, start) => {
          await processes[0]?.suspend(300 + randomInt(900));
          await processes[1]?.kill();
          processes[1] = await start();
        });
        expectNothingWrong(store, checkCalls(calls, SECONDS.timeouts.absoluteTimeout));
        for (const error of calls.errors) expect(error).toContain('arrived too late');
        if (store.startsWith('Redis')) await expectNoKeyLeft(backend.urls, name);
      },
      LIMIT,
    );

    it.runIf(LONG && store.startsWith('Redis'))(
      'reject a list that removes the entries that it can not confirm',
      async () => {
        const fault = 'a list removes the entries that it can not confirm';
        const setting = { store, urls: backend.urls, ...HOUR, fault } as const;
        const calls = await run(setting, newName(), () => sleep(100));
        expect(checkCalls(calls, HOUR.timeouts.absoluteTimeout).missed).not.toEqual([]);
      },
      LIMIT,
    );
  });
}

function expectNothingWrong(store: string, checked: ReturnType<typeof checkCalls>): void {
  const { expected, created, ended, missed, foreign, wronglyEnded, survived } = checked;
  if (LONG) console.log(store, { expected, created, ended, missed: missed.length });
  expect({ missed, foreign, wronglyEnded, survived }).toEqual({
    missed: [],
    foreign: [],
    wronglyEnded: [],
    survived: [],
  });
  expect(expected).toBeGreaterThan(100);
  expect(ended).toBeGreaterThan(10);
}

/** Each key has an expiry within the stated time, and then they are gone. */
async function expectNoKeyLeft(urls: readonly string[], name: string): Promise<void> {
  const nodes = await Promise.all(urls.map((url) => createClient({ url }).connect()));
  onTestFinished(() => {
    for (const node of nodes) node.destroy();
  });
  const stated = SECONDS.timeouts.absoluteTimeout + SECONDS.limits.margin;
  for (const node of nodes) {
    for (const key of await node.keys(`*${name}*`)) {
      const left = await node.pTTL(key);
      expect(left, key).not.toBe(-1);
      expect(left, key).toBeLessThanOrEqual(stated);
    }
  }
  await eventually('keys were left', async () => {
    const left = await Promise.all(nodes.map((node) => node.keys(`*${name}*`)));
    return left.flat().length === 0;
  });
}

const newName = () => randomUUID().slice(0, 8);
