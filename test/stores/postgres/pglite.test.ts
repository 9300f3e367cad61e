import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { PGlite } from '@electric-sql/pglite';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createPostgresStore } from '../../../src/stores/postgres/postgres.js';
import { sessionStoreCases } from '../../../src/testing/index.js';
import { START_LIMIT } from '../../servers/server-process.js';
import { tableAlone, VALID_INDEXES } from './table-alone.js';

let database: PGlite;
const createStore = (options = {}) =>
  createPostgresStore(({ text, values }) => database.query(text, values), options);
beforeAll(async () => {
  database = new PGlite();
  await createStore().migrate();
}, START_LIMIT);
afterAll(() => database?.close());

for (const { name, run } of sessionStoreCases(createStore)) it.concurrent(name, run);

it('peeks, and removes members', async () => {
  const store = createStore();
  const id = randomUUID();
  await store.create(id, { agentId: 'a', customerId: 'c', visitId: 'v' });
  await store.update(id, { agentId: null, customerId: null });
  const { createdAt, updatedAt, ...found } = (await store.peek(id)) ?? {};
  expect(found).toEqual({ sessionId: id, visitId: 'v' });
  expect(await store.peek(randomUUID())).toBeUndefined();
});

it('lists and ends the sessions of a customer', async () => {
  const store = createStore();
  const [customerId, ...ids] = [randomUUID(), randomUUID(), randomUUID(), randomUUID()];
  for (const id of ids) {
    await store.create(id, { customerId });
    await sleep(2); // its clock counts whole milliseconds
  }
  const listed = await store.listByCustomer(customerId, { limit: 2 });
  expect(listed.map(({ sessionId }) => sessionId)).toEqual([ids[2], ids[1]]);
  expect(await store.deleteByCustomer(customerId, { except: `${ids[0]}` })).toBe(2);
  expect(await store.listByCustomer(customerId)).toMatchObject([{ sessionId: ids[0] }]);
});

it('migrates again, and deletes what has expired', async () => {
  const store = createStore({ table: 'of_its_own', idleTimeout: 1 });
  await store.migrate();
  await store.migrate();
  await store.create(randomUUID(), {});
  await expect.poll(() => store.deleteExpired()).toBe(1);
  expect(await store.deleteExpired()).toBe(0);
});

it('adds the indexes that a table lacks, and builds one again that is invalid', async () => {
  const store = createStore({ table: 'old' });
  const validIndexes = async () => {
    const { rows } = await database.query<{ relname: string }>(VALID_INDEXES, ['old']);
    return rows.map(({ relname }) => relname);
  };
  const all = ['old_customer_idx', 'old_expires_at_idx', 'old_pkey'];
  await database.exec(tableAlone('old'));
  await Promise.all([store.migrate(), store.migrate()]);
  expect(await validIndexes()).toEqual(all);
  const index = "indexrelid = 'old_customer_idx'::regclass";
  await database.exec(`UPDATE pg_index SET indisvalid = false WHERE ${index}`);
  await store.migrate();
  expect(await validIndexes()).toEqual(all);
});
