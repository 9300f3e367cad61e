import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { PGlite } from '@electric-sql/pglite';
import pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import {
  createPostgresStore,
  type PostgresStatement,
  type PostgresStore,
  postgresSchema,
} from '../../../src/stores/postgres/postgres.js';
import { sessionStoreCases } from '../../../src/testing/index.js';
import { needs } from '../../servers/needs.js';
import { type PostgresServer, startPostgres } from '../../servers/postgres.js';
import { START_LIMIT } from '../../servers/server-process.js';
import { expectShorterTimeoutsToHold } from '../shorter-timeouts.js';

describe('createPostgresStore with PGlite', () => {
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

  it('migrates, and deletes what has expired', async () => {
    const store = createStore({ table: 'of_its_own', idleTimeout: 50 });
    await store.migrate();
    await store.migrate();
    await store.create(randomUUID(), {});
    await sleep(100);
    expect(await store.deleteExpired()).toBe(1);
    expect(await store.deleteExpired()).toBe(0);
  });
});

needs('postgres')('createPostgresStore with pg', () => {
  let server: PostgresServer;
  let pool: pg.Pool;
  const createStore = (options = {}) => createPostgresStore((statement) => pool.query(statement), options);
  beforeAll(async () => {
    server = await startPostgres();
    pool = new pg.Pool({ connectionString: server.url });
    // What the server says to the connections that it closes when it stops.
    pool.on('error', () => {});
    await createStore().migrate();
  }, START_LIMIT);
  afterAll(async () => {
    await pool?.end();
    await server?.stop();
  });

  for (const { name, run } of sessionStoreCases(createStore)) it.concurrent(name, run);

  /** What the database holds for a session, and where: a row that is written again lies elsewhere. */
  async function row(sessionId: string) {
    const { rows } = await pool.query('SELECT *, ctid::text FROM session_info WHERE session_id = $1', [
      sessionId,
    ]);
    return rows[0];
  }

  /** Another connection, in a transaction that has run `sql` on a session and holds its lock. */
  async function lockedBy(sql: string, sessionId: string) {
    const client = new pg.Client(server.url);
    await client.connect();
    onTestFinished(() => client.end());
    await client.query('BEGIN');
    await client.query(sql, [sessionId]);
    return { commit: () => client.query('COMMIT') };
  }

  /** Until a statement waits for a lock that somebody else holds. */
  async function untilOneWaits(): Promise<void> {
    const waiting = "SELECT count(*)::int AS count FROM pg_stat_activity WHERE wait_event_type = 'Lock'";
    await expect.poll(async () => (await pool.query(waiting)).rows[0].count, { timeout: 10_000 }).toBe(1);
  }

  it('holds a session to timeouts that are shorter than those it was made under', () =>
    expectShorterTimeoutsToHold(createStore));

  it('takes one statement for each call', async () => {
    const statements: PostgresStatement[] = [];
    const store = createPostgresStore((statement) => {
      statements.push(statement);
      return pool.query(statement);
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

  it('rejects the row of another session, from a client that mixes up its answers', async () => {
    const [mine, theirs] = [randomUUID(), randomUUID()];
    await createStore().create(theirs, { customerId: 'theirs' });
    const mixedUp = createPostgresStore(({ values: [, ...rest], ...statement }) =>
      pool.query({ ...statement, values: [theirs, ...rest] }),
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

  it('removes the row of an expired session on delete, and answers that no session was ended', async () => {
    const store = createStore({ idleTimeout: 50 });
    const id = randomUUID();
    await store.create(id, {});
    await sleep(100);
    expect(await store.delete(id)).toBe(false);
    expect(await row(id)).toBeUndefined();
  });

  it('deletes the expired sessions only, past those that somebody has locked', async () => {
    const table = 'cleaned';
    const short = createStore({ table, idleTimeout: 50 });
    const long = createStore({ table });
    await short.migrate();
    const ids = [randomUUID(), randomUUID(), randomUUID()];
    for (const id of ids) await short.create(id, {});
    const live = randomUUID();
    await long.create(live, {});
    await sleep(100);
    const lock = await lockedBy('SELECT FROM cleaned WHERE session_id = $1 FOR UPDATE', ids[0] ?? '');
    expect(await long.deleteExpired()).toBe(2);
    await lock.commit();
    expect(await long.deleteExpired()).toBe(1);
    expect(await long.get(live)).toMatchObject({ sessionId: live });
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

  it('finds a session without waiting for a call at work on its row, and does not extend it then', async () => {
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

  it('takes one statement for the gets of one turn, and extends each of their sessions', async () => {
    const statements: PostgresStatement[] = [];
    const store = createPostgresStore(
      (statement) => {
        statements.push(statement);
        return pool.query(statement);
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

  it('fails on a row that somebody has edited for its own ID only, and mends a deadline that never comes', async () => {
    const store = createStore();
    const [broken, last, endless, good] = [randomUUID(), randomUUID(), randomUUID(), randomUUID()];
    await Promise.all([broken, last, endless, good].map((id) => store.create(id, {})));
    const setCreated = 'UPDATE session_info SET created_at = $1, expires_at = $1 WHERE session_id = $2';
    await pool.query(setCreated, ['infinity', broken]);
    await pool.query(setCreated, ['294276-12-31 23:59:00Z', last]);
    await pool.query("UPDATE session_info SET expires_at = 'infinity' WHERE session_id = $1", [endless]);
    const gets = [broken, last, endless, good].map((id) => store.get(id));
    const [first, second, ...others] = await Promise.allSettled(gets);
    expect([first?.status, second?.status]).toEqual(['rejected', 'rejected']);
    expect(others).toMatchObject([
      { status: 'fulfilled', value: { sessionId: endless } },
      { status: 'fulfilled', value: { sessionId: good } },
    ]);
    expect((await row(endless)).expires_at.getTime()).toBeLessThan(Date.now() + 3_600_000);
  });

  it("extends a session that a host's open transaction refers to", async () => {
    const store = createStore({ idleTimeout: 2000 });
    const id = randomUUID();
    await store.create(id, {});
    await pool.query('CREATE TABLE orders (session_id text REFERENCES session_info ON DELETE CASCADE)');
    const lock = await lockedBy('INSERT INTO orders VALUES ($1)', id);
    const before = await row(id);
    await sleep(200);
    await store.get(id);
    expect((await row(id)).expires_at.getTime()).toBeGreaterThan(before.expires_at.getTime());
    await lock.commit();
    await pool.query('DROP TABLE orders');
  });

  it('answers of a delete what happened, whatever the client makes of booleans', async () => {
    const types = { getTypeParser: () => (text: string) => text };
    const store = createPostgresStore((statement) => pool.query({ ...statement, types } as never));
    const id = randomUUID();
    await store.create(id, {});
    expect(await store.delete(id)).toBe(true);
    expect(await store.delete(id)).toBe(false);
  });

  it('does not bring back a session that was deleted while an update waited for its row', async () => {
    const store = createStore();
    const id = randomUUID();
    await store.create(id, {});
    const lock = await lockedBy('DELETE FROM session_info WHERE session_id = $1', id);
    const updated = store.update(id, { visitId: 'late' });
    await untilOneWaits();
    await lock.commit();
    expect(await updated).toBeUndefined();
    expect(await row(id)).toBeUndefined();
  });

  it('throws a serialization failure', async () => {
    const strict = new pg.Pool({
      connectionString: server.url,
      options: '-c default_transaction_isolation=serializable',
    });
    onTestFinished(() => strict.end());
    const store = createPostgresStore((statement) => strict.query(statement));
    const id = randomUUID();
    await store.create(id, {});
    const lock = await lockedBy("UPDATE session_info SET agent_id = 'other' WHERE session_id = $1", id);
    const updated = store.update(id, { visitId: 'late' });
    const rejected = expect(updated).rejects.toMatchObject({ code: '40001' });
    await untilOneWaits();
    await lock.commit();
    await rejected;
  });

  it('serves two stores on one connection', async () => {
    const narrow = new pg.Pool({ connectionString: server.url, max: 1 });
    onTestFinished(() => narrow.end());
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

  describe('migrate', () => {
    let stores: PostgresStore[];
    beforeEach((context) => {
      const table = `migrated_${context.task.id.replaceAll(/\W/g, '')}`;
      stores = Array.from({ length: 8 }, () => createStore({ table }));
    });

    it('may be called again', async () => {
      await stores[0]?.migrate();
      await stores[0]?.create('kept', {});
      await stores[0]?.migrate();
      expect(await stores[0]?.get('kept')).toMatchObject({ sessionId: 'kept' });
    });

    it('may be called by several processes at once', async () => {
      // All connections are there before the race, and one race alone may go well by chance.
      await Promise.all(stores.map(() => pool.query('SELECT pg_sleep(0.1)')));
      for (let race = 0; race < 20; race++) {
        const racing = stores.map(() => createStore({ table: `raced_${race}` }));
        await Promise.all(racing.map((store) => store.migrate()));
        expect(await racing[0]?.create('first', {})).toMatchObject({ sessionId: 'first' });
      }
    });

    it('makes what postgresSchema says, with an index for deleteExpired', async () => {
      await pool.query(`CREATE SCHEMA app; ${postgresSchema('app.by_hand')}`);
      const store = createStore({ table: 'app.by_hand' });
      await store.create('id', {});
      await store.migrate();
      expect(await store.get('id')).toMatchObject({ sessionId: 'id' });
      const { rows } = await pool.query("SELECT indexname FROM pg_indexes WHERE tablename = 'by_hand'");
      expect(rows).toContainEqual({ indexname: 'by_hand_expires_at_idx' });
    });

    it('refuses a database whose encoding can not hold every value', async () => {
      await pool.query(
        "CREATE DATABASE narrow ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0",
      );
      const url = new URL(server.url);
      url.pathname = '/narrow';
      const narrow = new pg.Client(`${url}`);
      await narrow.connect();
      const store = createPostgresStore((statement) => narrow.query(statement));
      await expect(store.migrate()).rejects.toThrow('the database is in LATIN1; use one in UTF8');
      await narrow.end();
    });

    it('makes the index of a table with the longest name', async () => {
      const table = 'x'.repeat(47);
      await createStore({ table }).migrate();
      const { rows } = await pool.query('SELECT indexname FROM pg_indexes WHERE tablename = $1', [table]);
      expect(rows).toHaveLength(2);
    });
  });
});

describe('createPostgresStore', () => {
  const query = async () => ({ rows: [] });

  it('names each text differently, in the 63 bytes that a name may have', async () => {
    const seen = new Map<string, string>();
    for (const options of [{}, { table: 'x'.repeat(47) }, { idleTimeout: 1 }, { absoluteTimeout: 1 }]) {
      const store = createPostgresStore(async ({ name, text }) => {
        expect(name.length).toBeLessThanOrEqual(63);
        expect(seen.get(name) ?? text).toBe(text);
        seen.set(name, text);
        return { rows: [{ count: 0, session: '{"sessionId":"id"}' }] };
      }, options);
      await store.migrate();
      await store.deleteExpired();
      await store.delete('id');
    }
    expect(new Set(seen.values()).size).toBe(seen.size);
  });

  it('rejects when the client throws', async () => {
    const store = createPostgresStore(() => {
      throw new Error('Cannot use a pool after calling end on the pool');
    });
    await expect(store.get('id')).rejects.toThrow('Cannot use a pool');
  });

  it('rejects a row that is none of its own', async () => {
    const store = createPostgresStore(async () => ({ rows: [{ nonsense: 1 }] }));
    await expect(store.get('id')).rejects.toThrow();
    await expect(store.delete('id')).rejects.toThrow();
  });

  it.each(['session_info', 'Sessions', '_s1', 'app.session_info', 'x'.repeat(47)])(
    'takes the table %s',
    (table) => {
      expect(() => createPostgresStore(query, { table })).not.toThrow();
      expect(postgresSchema(table)).toContain(`"${table.replace('.', '"."')}"`);
    },
  );

  it.each([
    '',
    '1s',
    'a b',
    'a"b',
    'a;b',
    'a.b.c',
    '.a',
    'a.',
    'é',
    'x'.repeat(48),
    `${'x'.repeat(64)}.a`,
    'a\n',
    7,
  ])('refuses the table %j', (table) => {
    const message = 'option "table" must be a name of A-Z a-z 0-9 _';
    expect(() => createPostgresStore(query, { table: table as string })).toThrow(message);
    expect(() => postgresSchema(table as string)).toThrow(message);
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
      'createPostgresStore: unknown option "prefix"; use idleTimeout, absoluteTimeout, table',
    ],
    [
      query,
      { absoluteTimeout: '1d' },
      'createPostgresStore: option "absoluteTimeout" must be a whole number',
    ],
  ])('throws for a wrong argument, with how to mend it: %j %j', (given, options, message) => {
    expect(() => createPostgresStore(given as never, options as never)).toThrow(message);
  });
});
