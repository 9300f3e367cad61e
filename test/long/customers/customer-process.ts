// One of the processes that share a store: test/long/customers/customer-processes.ts starts it. It creates, moves and ends its
// own sessions of a few customers, lists the sessions of each customer, ends them now and then, and writes down every call.
import { randomInt } from 'node:crypto';
import { openSync, writeSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { BegunCall, EndedCall, ProcessSetting } from './calls.js';
import { openCustomerStore } from './open-customer-store.js';
import type { CustomerStore } from './open-redis-store.js';

const setting: ProcessSetting = JSON.parse(process.argv[2] ?? '');
const { store } = await openCustomerStore(setting);
// Written at once, so that nothing is lost with a killed process.
const log = openSync(setting.log, 'a');
let numbers = 0;
let ids = 0;
let stopping = false;

function write(line: BegunCall | EndedCall): void {
  writeSync(log, `${JSON.stringify(line)}\n`);
}

/** The same clock in all processes of a machine, in ms. */
const now = () => Number(process.hrtime.bigint()) / 1e6;

async function call(method: keyof CustomerStore, ...args: unknown[]): Promise<unknown> {
  const number = numbers++;
  write({ number, method, args, invoked: now() });
  try {
    const result = await (store[method] as (...args: unknown[]) => unknown)(...args);
    write({ number, returned: now(), result });
    return result;
  } catch (error) {
    write({ number, returned: now(), error: String(error) });
    throw error;
  }
}

function pick<Value>(values: readonly Value[]): Value {
  return values[randomInt(values.length)] as Value;
}

const newId = () => `${setting.name}-${ids++}`;

/** Resolves with whether the session goes on. */
async function change(id: string): Promise<boolean> {
  const chance = randomInt(100);
  if (chance < 25) return (await call('delete', id)) === undefined;
  if (chance < 40) return Boolean(await call('get', id));
  if (chance < 50) return Boolean(await call('update', id, { customerId: null }));
  return Boolean(await call('update', id, { customerId: pick(setting.customers) }));
}

/** Uses a few IDs again and again. What became of a call that failed is not known, so its ID is not used any more. */
async function own(): Promise<void> {
  const mine = new Map([1, 2, 3].map(() => [newId(), false]));
  while (!stopping) {
    const [id, isLive] = pick([...mine]);
    try {
      if (isLive) mine.set(id, await change(id));
      else mine.set(id, Boolean(await call('create', id, { customerId: pick(setting.customers) })));
    } catch {
      mine.delete(id);
      mine.set(newId(), false);
    }
    await sleep(randomInt(3));
  }
}

async function list(): Promise<void> {
  while (!stopping) {
    await call('listByCustomer', pick(setting.customers)).catch(() => {});
    await sleep(0);
  }
}

async function end(): Promise<void> {
  while (!stopping) {
    await sleep(100 + randomInt(500));
    const except = `${setting.name}-${randomInt(ids)}`;
    await call('deleteByCustomer', pick(setting.customers), { except }).catch(() => {});
  }
}

process.on('disconnect', () => process.exit());
process.on('message', () => {
  stopping = true;
});
process.send?.('ready');
await Promise.all([own(), own(), own(), list(), list(), end()]);
process.send?.('done');
