import { AsyncLocalStorage } from 'node:async_hooks';
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import { createPostgresStore, type PostgresStatement } from '../../../src/stores/postgres/postgres.js';
import { sessionStoreCases } from '../../../src/testing/index.js';
import { needs } from '../../servers/needs.js';
import { START_LIMIT } from '../../servers/server-process.js';
import { expectShorterTimeoutsToHold } from '../shorter-timeouts.js';
import { usePostgres } from './use-postgres.js';

needs('postgres')('createPostgresStore with pg', () => {
  const postgres = usePostgres();
  const { createStore, lockedBy } = postgres;
  beforeAll(() => createStore().migrate(), START_LIMIT);

  for (const { name, run } of sessionStoreCases(createStore)) it.concurrent(name, run);

  /** What the database holds for a session, and where: a row that is written again lies elsewhere. */
  async function row(sessionId: string) {
    const { rows } = await postgres.pool.query(
      'SELECT *, ctid::text FROM session_info WHERE session_id = $1',
      [sessionId],
    );
    return rows[0];
  }

  it('holds a session to timeouts that are shorter than those it was created under', () =>
    expectShorterTimeoutsToHold(createStore));

  it('runs one statement for each call', async () => {
    const statements: PostgresStatement[] = [];
    const store = createPostgresStore((statement) => {
      statements.push(statement);
      return postgres.pool.query(statement);
    });
    const id = randomUUID();
    await store.create(id, { agentId: 'a' });
    await store.get(id);
    await store.peek(id);
    await store.update(id, { visitId: 'v' });
    await store.delete(id);
    expect(statements.map(({ name }) => name.replace(/_\w{12}$/, ''))).toEqual([
      'session_info_create',
      'session_info_get',
      'session_info_peek',
      'session_info_update',
      'session_info_delete',
    ]);
  });

  it('rejects the row of another session, from a client that mixes up its results', async () => {
    const [mine, theirs] = [randomUUID(), randomUUID()];
    await createStore().create(theirs, { customerId: 'theirs' });
    const mixedUp = createPostgresStore(({ values: [, ...rest], ...statement }) =>
      postgres.pool.query({ ...statement, values: [theirs, ...rest] }),
    );
    await expect(mixedUp.get(mine)).rejects.toThrow('the row of another session');
    await expect(mixedUp.update(mine, {})).rejects.toThrow('the row of another session');
  });

  it('writes nothing on a read before 5 % of the idle timeout, and the new deadline after', async () => {
    const store = createStore({ idleTimeout: 4000 });
    const id = randomUUID();
    await store.create(id, {});
    const created = await row(id);
    await store.get(id);
    expect(await row(id)).toEqual(created);
    await sleep(250);
    await store.get(id);
    const { expires_at, ...rest } = await row(id);
    expect(expires_at - created.expires_at).toBeGreaterThanOrEqual(200);
    expect(rest).toMatchObject({ created_at: created.created_at, updated_at: created.updated_at });
  });

  it('writes nothing on a peek, however late', async () => {
    const store = createStore({ idleTimeout: 2000 });
    const id = randomUUID();
    await store.create(id, { visitId: 'v' });
    const created = await row(id);
    await sleep(200);
    expect(await store.peek(id)).toMatchObject({ sessionId: id, visitId: 'v' });
    expect(await row(id)).toEqual(created);
  });

  it('sets the column of a member that an update removes to NULL', async () => {
    const store = createStore();
    const id = randomUUID();
    await store.create(id, { agentId: 'a', customerId: 'c', visitId: 'v', globalVisitId: 'g' });
    const changes = { agentId: null, customerId: undefined, visitId: 'new', globalVisitId: null };
    const { createdAt, updatedAt, ...updated } = (await store.update(id, changes)) ?? {};
    expect(updated).toEqual({ sessionId: id, customerId: 'c', visitId: 'new' });
    expect(await row(id)).toMatchObject({ agent_id: null, customer_id: 'c', global_visit_id: null });
  });

  it('takes over the row of an expired session, and keeps nothing of it', async () => {
    const store = createStore({ idleTimeout: 50 });
    const id = randomUUID();
    await store.create(id, { agentId: 'a', customerId: 'c', visitId: 'v', globalVisitId: 'g' });
    await sleep(100);
    expect(await store.create(id, { visitId: 'new' })).toMatchObject({ visitId: 'new' });
    expect(await row(id)).toMatchObject({
      agent_id: null,
      customer_id: null,
      visit_id: 'new',
      global_visit_id: null,
    });
  });

  it('removes the row of an expired session on delete, and returns that no session was ended', async () => {
    const store = createStore({ idleTimeout: 50 });
    const id = randomUUID();
    await store.create(id, {});
    await sleep(100);
    expect(await store.delete(id)).toBe(false);
    expect(await row(id)).toBeUndefined();
  });

  it('judges an update by the time at which it gets the lock of the row', async () => {
    const store = createStore({ idleTimeout: 300 });
    const id = randomUUID();
    await store.create(id, {});
    const lock = await lockedBy("UPDATE session_info SET agent_id = 'other' WHERE session_id = $1", id);
    const updated = store.update(id, { visitId: 'late' });
    await sleep(500); // past the deadline
    await lock.commit();
    expect(await updated).toBeUndefined();
    expect(await row(id)).toMatchObject({ visit_id: null });
  });

  it('returns a session without waiting for a call at work on its row, and does not extend it then', async () => {
    const store = createStore({ idleTimeout: 2000 });
    const [id, other] = [randomUUID(), randomUUID()];
    await Promise.all([store.create(id, {}), store.create(other, {})]);
    const before = await row(other);
    // Long enough that a read extends the deadline, and so wants the lock.
    await sleep(200);
    const lock = await lockedBy(
      "UPDATE session_info SET expires_at = now() + interval '1 minute' WHERE session_id = $1",
      id,
    );
    const found = await Promise.all([store.get(id), store.get(other)]);
    expect(found).toMatchObject([{ sessionId: id }, { sessionId: other }]);
    expect((await row(other)).expires_at.getTime()).toBeGreaterThan(before.expires_at.getTime());
    await lock.commit();
    await sleep(2000);
    expect(await store.get(id)).toMatchObject({ sessionId: id });
  });

  it('runs one statement for the gets of one turn, and extends each of their sessions', async () => {
    const statements: PostgresStatement[] = [];
    const store = createPostgresStore(
      (statement) => {
        statements.push(statement);
        return postgres.pool.query(statement);
      },
      { idleTimeout: 2000 },
    );
    const ids = Array.from({ length: 50 }, () => randomUUID());
    await Promise.all(ids.map((id, i) => store.create(id, { visitId: `visit-${i}` })));
    const before = await Promise.all(ids.map(row));
    await sleep(200);
    statements.length = 0;
    const missing = randomUUID();
    const found = await Promise.all([...ids, missing, ...ids].map((id) => store.get(id)));
    expect(statements).toHaveLength(1);
    const expected = ids.map((sessionId, i) => ({ sessionId, visitId: `visit-${i}` }));
    expect(found.slice(0, 50)).toMatchObject(expected);
    expect(found[50]).toBeUndefined();
    expect(found.slice(51)).toMatchObject(expected);
    const after = await Promise.all(ids.map(row));
    for (const [i, { expires_at }] of after.entries()) {
      expect(expires_at.getTime()).toBeGreaterThan(before[i].expires_at.getTime());
    }
  });

  it('fails on a row that somebody has edited for its own ID only, and corrects a deadline that never comes', async () => {
    const store = createStore();
    const [broken, last, endless, good] = [randomUUID(), randomUUID(), randomUUID(), randomUUID()];
    await Promise.all([broken, last, endless, good].map((id) => store.create(id, {})));
    const setCreated = 'UPDATE session_info SET created_at = $1, expires_at = $1 WHERE session_id = $2';
    await postgres.pool.query(setCreated, ['infinity', broken]);
    await postgres.pool.query(setCreated, ['294276-12-31 23:59:00Z', last]);
    await postgres.pool.query("UPDATE session_info SET expires_at = 'infinity' WHERE session_id = $1", [
      endless,
    ]);
    const gets = [broken, last, endless, good].map((id) => store.get(id));
    const [first, second, ...others] = await Promise.allSettled(gets);
    expect([first?.status, second?.status]).toEqual(['rejected', 'rejected']);
    expect(others).toMatchObject([
      { status: 'fulfilled', value: { sessionId: endless } },
      { status: 'fulfilled', value: { sessionId: good } },
    ]);
    expect((await row(endless)).expires_at.getTime()).toBeLessThan(Date.now() + 3_600_000);
  });

  it('extends a session that an open transaction of your app refers to', async () => {
    const store = createStore({ idleTimeout: 2000 });
    const id = randomUUID();
    await store.create(id, {});
    await postgres.pool.query(
      'CREATE TABLE orders (session_id text REFERENCES session_info ON DELETE CASCADE)',
    );
    const lock = await lockedBy('INSERT INTO orders VALUES ($1)', id);
    const before = await row(id);
    await sleep(200);
    await store.get(id);
    expect((await row(id)).expires_at.getTime()).toBeGreaterThan(before.expires_at.getTime());
    await lock.commit();
    await postgres.pool.query('DROP TABLE orders');
  });

  it('returns what a delete did, whatever the client makes of booleans', async () => {
    const types = { getTypeParser: () => (text: string) => text };
    const store = createPostgresStore((statement) => postgres.pool.query({ ...statement, types } as never));
    const id = randomUUID();
    await store.create(id, {});
    expect(await store.delete(id)).toBe(true);
    expect(await store.delete(id)).toBe(false);
  });

  it('does not revive a session that was deleted while an update waited for its row', async () => {
    const store = createStore();
    const id = randomUUID();
    await store.create(id, {});
    const lock = await lockedBy('DELETE FROM session_info WHERE session_id = $1', id);
    const updated = store.update(id, { visitId: 'late' });
    await postgres.untilWaiting();
    await lock.commit();
    expect(await updated).toBeUndefined();
    expect(await row(id)).toBeUndefined();
  });

  it('throws a serialization failure', async () => {
    const strict = postgres.openPool({ options: '-c default_transaction_isolation=serializable' });
    const store = createPostgresStore((statement) => strict.query(statement));
    const id = randomUUID();
    await store.create(id, {});
    const lock = await lockedBy("UPDATE session_info SET agent_id = 'other' WHERE session_id = $1", id);
    const updated = store.update(id, { visitId: 'late' });
    const rejected = expect(updated).rejects.toMatchObject({ code: '40001' });
    await postgres.untilWaiting();
    await lock.commit();
    await rejected;
  });

  it('peeks and lists where it may only read, as on a standby, and rejects all else at once', async () => {
    const standby = postgres.openPool({ options: '-c default_transaction_read_only=on' });
    const store = createPostgresStore((statement) => standby.query(statement));
    const [id, customerId] = [randomUUID(), randomUUID()];
    await createStore().create(id, { customerId });
    expect(await store.peek(id)).toMatchObject({ customerId });
    expect(await store.listByCustomer(customerId)).toHaveLength(1);
    await store.migrate();
    const calls = [
      () => store.create(randomUUID(), {}),
      () => store.get(id),
      () => store.update(id, {}),
      () => store.delete(id),
      () => store.deleteByCustomer(customerId),
    ];
    for (const call of calls) await expect(call()).rejects.toMatchObject({ code: '25006' });
  });

  it('serves two stores on one connection', async () => {
    const narrow = postgres.openPool({ max: 1 });
    const open = (options: object) => createPostgresStore((statement) => narrow.query(statement), options);
    const stores = [
      open({}),
      open({ idleTimeout: 1000 }),
      open({ table: 'second' }),
      open({ table: 'Second' }),
    ];
    for (const store of stores) await store.migrate();
    for (const store of stores) {
      const id = randomUUID();
      await store.create(id, { agentId: 'a' });
      expect(await store.update(id, { visitId: 'v' })).toMatchObject({ agentId: 'a', visitId: 'v' });
      expect(await stores[3]?.get(id)).toEqual(store === stores[3] ? expect.anything() : undefined);
      expect(await store.delete(id)).toBe(true);
    }
  });
});

describe('createPostgresStore', () => {
  const query = async () => ({ rows: [] });

  it('gives each text a name of its own, within the 63 bytes that a name may have', async () => {
    const seen = new Map<string, string>();
    const state = JSON.stringify({ encoding: 'UTF8', exists: false, schema: 'a', indexes: null });
    for (const options of [{}, { table: 'x'.repeat(47) }, { idleTimeout: 1 }, { absoluteTimeout: 1 }]) {
      const store = createPostgresStore(async ({ name, text }) => {
        expect(name.length).toBeLessThanOrEqual(63);
        expect(seen.get(name) ?? text).toBe(text);
        seen.set(name, text);
        // The index can't be created, so that it comes to an end.
        if (name.includes('create_index')) throw new Error('down');
        const batch = '{"deleted":0,"next":null}';
        return { rows: [{ session: '{"sessionId":"id"}', turn: 'mine', deleted: '0', state, batch }] };
      }, options);
      await expect(store.migrate()).rejects.toThrow('down');
      await store.deleteExpired();
      await store.deleteByCustomer('c');
      await Promise.allSettled([store.peek('id'), store.listByCustomer('c')]);
      await store.delete('id');
    }
    expect(new Set(seen.values()).size).toBe(seen.size);
    expect(seen.size).toBeGreaterThan(12);
  });

  describe('calls query in the async context', () => {
    const context = new AsyncLocalStorage<string>();

    async function contextsOf(options: object) {
      const seen: unknown[] = [];
      const store = createPostgresStore(async ({ name, values }) => {
        seen.push([name.replace(/^session_info_|_\w{12}$/g, ''), values[0], context.getStore()]);
        return { rows: [] };
      }, options);
      const calls = ['red', 'blue'].map((id) =>
        context.run(id, () => Promise.all([store.get(id), store.peek(id), store.create(id, {})])),
      );
      await Promise.all(calls);
      return seen;
    }

    it('of the store for reads that share a statement, and of the caller for the others', async () => {
      expect(await contextsOf({})).toEqual([
        ['create', 'red', 'red'],
        ['create', 'blue', 'blue'],
        ['get', 'red,blue', undefined],
        ['peek', 'red,blue', undefined],
      ]);
    });

    it('of the caller for each call with coalesce: false', async () => {
      const ofEach = (id: string) => ['get', 'peek', 'create'].map((method) => [method, id, id]);
      expect(await contextsOf({ coalesce: false })).toEqual([...ofEach('red'), ...ofEach('blue')]);
    });
  });

  it.each([
    ['the rows themselves', [{ session: '{}' }]],
    ['nothing', undefined],
    ['null', null],
    ['no list', { rows: { length: 0 } }],
  ])('rejects the first call, with what query must return, if it returns %s', async (_, result) => {
    const store = createPostgresStore(async () => result as never);
    const message = 'createPostgresStore: query must return { rows }, an array with an object for each row';
    for (const call of [() => store.migrate(), () => store.get('id'), () => store.create('id', {})]) {
      await expect(call()).rejects.toThrow(message);
    }
  });

  it('rejects rows that are no objects, with what they must be', async () => {
    const store = createPostgresStore(async () => ({ rows: [['{}']] }));
    const message =
      'createPostgresStore: query must return each row as an object, here with a string "session"';
    await expect(store.get('id')).rejects.toThrow(message);
    await expect(store.delete('id')).rejects.toThrow(message);
    await expect(store.listByCustomer('c')).rejects.toThrow(message);
  });

  it('rejects when the client throws', async () => {
    const store = createPostgresStore(() => {
      throw new Error('Cannot use a pool after calling end on the pool');
    });
    await expect(store.get('id')).rejects.toThrow('Cannot use a pool');
  });

  it.each([
    [
      undefined,
      {},
      'createPostgresStore: query must be a function; pass (statement) => pool.query(statement)',
    ],
    [{ query() {} }, {}, 'createPostgresStore: query must be a function'],
    [
      query,
      { prefix: 'x' },
      'createPostgresStore: unknown option "prefix"; use idleTimeout, absoluteTimeout, table, coalesce',
    ],
    [
      query,
      { absoluteTimeout: '1d' },
      'createPostgresStore: option "absoluteTimeout" must be a whole number',
    ],
  ])('throws for a wrong argument, with how to fix it: %j %j', (given, options, message) => {
    expect(() => createPostgresStore(given as never, options as never)).toThrow(message);
  });
});
