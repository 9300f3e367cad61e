import { randomInt } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'libsql';
import pg from 'pg';
import { createClient } from 'redis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { needs } from '../../servers/needs.js';
import { startPostgres } from '../../servers/postgres.js';
import { startRedis } from '../../servers/redis.js';
import { START_LIMIT, temporaryFolder } from '../../servers/server-process.js';
import { checkHistories } from './histories.js';
import { raceForMembers, watchMembers } from './lost-update.js';
import type { StoreAddress } from './open-store.js';
import { type RaceProcess, startRaceProcesses } from './race-processes.js';
import { isLong, recordFigures, type StoreName } from './record-figures.js';

const sessions = isLong ? 5000 : 200;
const writes = isLong ? 1000 : 100;
const histories = isLong ? 500 : 30;
const TIME_LIMIT = isLong ? 600_000 : 60_000;

interface Shared {
  readonly address: StoreAddress;
  /** What it runs on, with its version. */
  readonly on: string;
  stop(): unknown;
}

async function redis(kind: 'redis' | 'bridge'): Promise<Shared> {
  const server = await startRedis();
  const client = await createClient({ url: server.url }).connect();
  const version = /redis_version:(\S+)/.exec(String(await client.info('server')))?.[1];
  client.destroy();
  const on = `Redis ${version}`;
  if (kind === 'redis') return { address: { kind, url: server.url }, on, stop: server.stop };
  return {
    address: { kind, url: server.url },
    on: `connect-redis ${versionOf('connect-redis')}, ${on}`,
    stop: server.stop,
  };
}

async function postgres(): Promise<Shared> {
  const server = await startPostgres();
  const client = new pg.Client(server.url);
  await client.connect();
  const { rows } = await client.query(
    "SELECT split_part(current_setting('server_version'), ' ', 1) AS version",
  );
  await client.end();
  return {
    address: { kind: 'postgres', url: server.url },
    on: `PostgreSQL ${rows[0].version}`,
    stop: server.stop,
  };
}

function sqlite(): Shared {
  const { path, remove } = temporaryFolder('races');
  const file = join(path, 'sessions.db');
  const database = new Database(file);
  const { version } = database.prepare('SELECT sqlite_version() AS version').get() as { version: string };
  database.close();
  return {
    address: { kind: 'sqlite', file },
    on: `SQLite ${version}, libsql ${versionOf('libsql')}`,
    stop: remove,
  };
}

function memory(): Shared {
  return { address: { kind: 'memory' }, on: `Node.js ${process.versions.node}`, stop() {} };
}

function versionOf(name: string): string {
  const file = new URL(`../../../node_modules/${name}/package.json`, import.meta.url);
  return JSON.parse(readFileSync(file, 'utf8')).version;
}

const stores: [
  StoreName,
  typeof describe | ReturnType<typeof needs>,
  1 | 4,
  () => Shared | Promise<Shared>,
][] = [
  ['Redis (node-redis)', needs('redis-server'), 4, () => redis('redis')],
  ['PostgreSQL (pg)', needs('postgres'), 4, postgres],
  ['SQLite (libsql)', describe, 4, sqlite],
  // Neither is for several processes.
  ['express-session (connect-redis)', needs('redis-server'), 1, () => redis('bridge')],
  ['memory', describe, 1, memory],
];

for (const [name, describeIt, count, share] of stores) {
  describeIt(`four clients of ${count === 1 ? 'one process' : 'four processes'} on ${name}`, () => {
    let shared: Shared;
    let processes: RaceProcess[] = [];
    const urls = () => processes.map(({ url }) => url);

    beforeAll(async () => {
      shared = await share();
      processes = await startRaceProcesses(count, shared.address);
      const date = new Date().toISOString().slice(0, 10);
      recordFigures(name, { 'run on': shared.on, date, 'processes, with four clients': count });
    }, START_LIMIT);
    afterAll(async () => {
      await Promise.all(processes.map((process) => process.stop()));
      await shared?.stop();
    });

    it(
      'lose no member of a session that they make together, and make it once',
      async () => {
        const { members, answers, overtaken } = await raceForMembers(urls(), sessions);
        recordFigures(name, {
          'fresh sessions that all four POST to': sessions,
          'members there at the end': `${members} of ${4 * sessions}`,
          'answers 201': answers[201] ?? 0,
          'made by another than the first to ask': overtaken,
        });
        expect({ members, answers }).toEqual({
          members: 4 * sessions,
          answers: { 200: 3 * sessions, 201: sessions },
        });
        if (count > 1) expect(overtaken).toBeGreaterThan(0);
      },
      TIME_LIMIT,
    );

    it(
      'never see members apart that were sent together',
      async () => {
        const { reads, apart, values } = await watchMembers(urls(), writes);
        recordFigures(name, {
          'reads of members written together': reads,
          'reads that saw them apart': apart,
        });
        expect(apart).toBe(0);
        expect(values).toBeGreaterThan(10);
      },
      TIME_LIMIT,
    );

    it(
      'have linearizable histories',
      async () => {
        const stores = processes.map(({ store }) => store);
        const checked = await checkHistories(stores, histories, { seed: randomInt(2 ** 31) });
        recordFigures(name, {
          'random histories': histories,
          'calls in them': checked.calls,
          'calls given up unanswered': checked.givenUp,
          'histories not linearizable': checked.violations.length,
        });
        expect(checked).toMatchObject({ histories, violations: [], failures: [] });
      },
      TIME_LIMIT,
    );
  });
}
