import assert from 'node:assert/strict';
import { randomInt, randomUUID } from 'node:crypto';
import type { Effort } from './compare.ts';
import {
  type CustomerStore,
  customerOf,
  ENGINES,
  type Engine,
  type Filling,
  idOf,
} from './customer-engines.ts';
import { eachOf } from './each-of.ts';
import type { Measured, Row } from './results.ts';
import { median, rounded } from './statistics.ts';

/** What the index of customers adds to a create, an update and a session, and what a list costs in a small and in a large store. */
export async function measureCustomers({ rounds }: Effort): Promise<Measured> {
  const rows: Row[] = [];
  const versions: string[] = [];
  for (const start of ENGINES) {
    const engine = await start();
    try {
      rows.push(...(await rowsOf(engine, rounds)));
      versions.push(...engine.versions);
    } finally {
      await engine.stop();
    }
  }
  return { title: 'Sessions of a customer', rows, versions };
}

const MANY = { sessions: 1_000_000, customers: 200_000 };
const FEW = { sessions: 1000, customers: 200 };
/** As the sessions of most customers are. */
const SINGLE = { sessions: 1_000_000, customers: 1_000_000 };

/** How many times as long a list may take among the many. */
const TARGET = 1.5;

/** In a batch: each of the few customers several times. */
const LISTS = 1000;

/** A row of the store without the index, if it can be without, and a row of the store with it. */
async function rowsOf(engine: Engine, rounds: number): Promise<Row[]> {
  const [plain, plainBytes] = await open(engine, { ...MANY, index: false });
  const [indexed, indexedBytes] = await open(engine, { ...MANY, index: true });
  const [small] = await open(engine, { ...FEW, index: true });
  const turns = { rounds, batch: engine.batch };
  const lists = await listColumns(small, indexed, { rounds, batch: LISTS });
  const calls = await callColumns(engine, engine.plain ? [plain, indexed] : [indexed], turns);
  const [, singleBytes] = await open(engine, { ...SINGLE, index: true });
  const bytes = {
    indexBytes: Math.round((indexedBytes - plainBytes) / MANY.sessions),
    indexBytesOfOne: Math.round((singleBytes - plainBytes) / SINGLE.sessions),
  };
  return calls.map((columns, i) =>
    engine.plain && i === 0
      ? { engine: engine.plain, ...columns }
      : { engine: engine.indexed, ...columns, ...lists, ...bytes },
  );
}

/** The store, and what it takes. */
async function open(engine: Engine, filling: Filling): Promise<[CustomerStore, number]> {
  const before = await engine.bytes();
  const store = await engine.open(filling);
  return [store, (await engine.bytes()) - before];
}

/**
 * Before any call that gives a customer more than five sessions. The ratio is of lists of as many customers in both stores, because the
 * processor's caches hold what a store of a thousand sessions needs; lists of any of the many customers come on top.
 */
async function listColumns(small: CustomerStore, large: CustomerStore, turns: Turns): Promise<Row> {
  const listOf = (store: CustomerStore, anyCustomer: () => number) => async () => {
    const list = await store.listByCustomer?.(customerOf(anyCustomer()));
    assert.equal(list?.length, 5);
  };
  const anyOfFew = () => randomInt(FEW.customers);
  const lists = [
    listOf(small, anyOfFew),
    listOf(large, () => anyOfFew() * (MANY.customers / FEW.customers)),
    listOf(large, () => randomInt(MANY.customers)),
  ];
  const [few = [], many = [], any = []] = await takeTurns(lists, turns);
  // The cheapest batch: what neighbours of a virtual machine do to its caches only adds.
  const ratio = Math.min(...many) / Math.min(...few);
  return {
    listAmongFew: rounded(Math.min(...few), 1),
    listAmongMany: rounded(Math.min(...many), 1),
    listOfAny: rounded(Math.min(...any), 1),
    listRatio: rounded(ratio, 2),
    target: `≤ ${TARGET}`,
    reached: ratio <= TARGET ? 'yes' : 'no',
  };
}

/** "Named" are those that name a customer. */
const CALLS: Readonly<Record<string, (store: CustomerStore) => unknown>> = {
  create: (store) => store.create(randomUUID(), { visitId: anyCustomer() }),
  createNamed: (store) => store.create(randomUUID(), { customerId: anyCustomer() }),
  update: (store) => store.update(anySession(), { visitId: anyCustomer() }),
  updateNamed,
};

/** Nearly always it moves the session to another customer. */
function updateNamed(store: CustomerStore): unknown {
  return store.update(anySession(), { customerId: anyCustomer() });
}

function anySession(): string {
  return idOf(randomInt(MANY.sessions));
}

function anyCustomer(): string {
  return customerOf(randomInt(MANY.customers));
}

/** For each of the stores what its calls take. */
async function callColumns(
  { cpuTime }: Engine,
  stores: readonly CustomerStore[],
  turns: Turns,
): Promise<Row[]> {
  const names = Object.keys(CALLS);
  const tasks = stores.flatMap((store) =>
    Object.values(CALLS).map((call) => async () => assert.ok(await call(store))),
  );
  const costs = await takeTurns(tasks, turns);
  const updates = stores.map((store) => () => updateNamed(store));
  // So many at a time as the plan has it.
  const ofDatabase =
    cpuTime && (await takeTurns(updates, { ...turns, clock: cpuTime, batch: 1000, atOnce: 16 }));
  return stores.map((_, i) => ({
    ...Object.fromEntries(names.map((name, k) => [name, middle(costs[i * names.length + k])])),
    ...(ofDatabase && { updateCpu: middle(ofDatabase[i]) }),
  }));
}

function middle(costs: readonly number[] = []): number {
  return rounded(median(costs), 1);
}

interface Turns {
  readonly rounds: number;
  /** How many calls a turn has. */
  readonly batch: number;
  readonly atOnce?: number;
  /** In µs. */
  readonly clock?: () => number;
}

/** Lets the tasks take turns, another one first in each round. Returns what a call of each took, by round. */
async function takeTurns(
  tasks: readonly (() => unknown)[],
  { rounds, batch, atOnce = 1, clock = () => performance.now() * 1000 }: Turns,
): Promise<number[][]> {
  const costs = tasks.map((): number[] => []);
  for (let round = 0; round < rounds; round++) {
    for (let turn = 0; turn < tasks.length; turn++) {
      const i = (round + turn) % tasks.length;
      const before = clock();
      await eachOf(batch, atOnce, async () => {
        await tasks[i]?.();
      });
      costs[i]?.push((clock() - before) / batch);
    }
  }
  return costs;
}
