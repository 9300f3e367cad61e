import { randomUUID } from 'node:crypto';
import { beforeAll, expect, it } from 'vitest';
import { createPostgresStore, type PostgresStatement } from '../../../src/stores/postgres/postgres.js';
import { customerSessionsCases } from '../../../src/testing/index.js';
import { needs } from '../../servers/needs.js';
import { START_LIMIT } from '../../servers/server-process.js';
import { usePostgres } from './use-postgres.js';

needs('postgres')('the sessions of a customer', () => {
  const postgres = usePostgres();
  const { createStore, lockedBy } = postgres;
  beforeAll(() => createStore().migrate(), START_LIMIT);

  for (const { name, run } of customerSessionsCases(createStore)) it.concurrent(name, run);

  const idsOf = (sessions: readonly { sessionId: string }[]) => sessions.map(({ sessionId }) => sessionId);

  async function createSessions(customerId: string, count: number): Promise<string[]> {
    const ids = Array.from({ length: count }, () => randomUUID());
    for (const id of ids) await createStore().create(id, { customerId });
    return ids;
  }

  it('are listed and ended by one statement each', async () => {
    const statements: PostgresStatement[] = [];
    const store = createPostgresStore((statement) => {
      statements.push(statement);
      return postgres.pool.query(statement);
    });
    await store.listByCustomer('c');
    await store.deleteByCustomer('c');
    expect(statements.map(({ name }) => name.replace(/_\w{12}$/, ''))).toEqual([
      'session_info_list_by_customer',
      'session_info_delete_by_customer',
    ]);
    expect(statements.flatMap(({ values }) => values)).toEqual(['c', '100', 'c', null]);
  });

  it('are listed newest first, up to the limit, which is 100 by default', async () => {
    const [customerId, store] = [randomUUID(), createStore()];
    const ids = await createSessions(customerId, 101);
    await store.update(`${ids[0]}`, { visitId: 'changed last' });
    const newest = [...ids].reverse();
    expect(idsOf(await store.listByCustomer(customerId))).toEqual(newest.slice(0, 100));
    expect(idsOf(await store.listByCustomer(customerId, { limit: 3 }))).toEqual(newest.slice(0, 3));
    expect(idsOf(await store.listByCustomer(customerId, { limit: 1000 }))).toEqual(newest);
  });

  it('are those that have the customer now, compared exactly', async () => {
    const [customerId, store] = [randomUUID(), createStore()];
    const [moved, removed, kept] = await createSessions(customerId, 3);
    await store.update(`${moved}`, { customerId: customerId.toUpperCase() });
    await store.update(`${removed}`, { customerId: null });
    expect(idsOf(await store.listByCustomer(customerId))).toEqual([kept]);
    expect(await store.deleteByCustomer(customerId)).toBe(1);
    expect(await store.get(`${moved}`)).toMatchObject({ sessionId: moved });
    expect(await store.listByCustomer(customerId)).toEqual([]);
  });

  it('are neither listed nor counted once they have expired', async () => {
    const customerId = randomUUID();
    const [expired, tooOld, live] = await createSessions(customerId, 3);
    const set = (change: string, id = '') =>
      postgres.pool.query(`UPDATE session_info SET ${change} WHERE session_id = $1`, [id]);
    await set("expires_at = now() - interval '1 second'", expired);
    await set("created_at = now() - interval '25 hours'", tooOld);
    expect(idsOf(await createStore().listByCustomer(customerId))).toEqual([live]);
    expect(await createStore().deleteByCustomer(customerId)).toBe(1);
  });

  it('are not extended by a list', async () => {
    const customerId = randomUUID();
    await createSessions(customerId, 2);
    const rows = () =>
      postgres.pool.query('SELECT *, ctid::text FROM session_info WHERE customer_id = $1', [customerId]);
    const before = (await rows()).rows;
    await createStore({ idleTimeout: 1000 }).listByCustomer(customerId);
    expect((await rows()).rows).toEqual(before);
  });

  it('end all but the one that is excepted', async () => {
    const [customerId, store] = [randomUUID(), createStore()];
    const [kept, ...others] = await createSessions(customerId, 120);
    const [foreign] = await createSessions(randomUUID(), 1);
    expect(await store.deleteByCustomer(customerId, { except: `${kept}` })).toBe(others.length);
    expect(idsOf(await store.listByCustomer(customerId))).toEqual([kept]);
    expect(await store.deleteByCustomer(customerId, { except: `${foreign}` })).toBe(1);
    expect(await store.get(`${foreign}`)).toMatchObject({ sessionId: foreign });
  });

  it('end once each, however many callers end them at once', async () => {
    const customerId = randomUUID();
    await createSessions(customerId, 200);
    const callers = Array.from({ length: 8 }, () => createStore().deleteByCustomer(customerId));
    const counts = await Promise.all(callers);
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(200);
  });

  it('do not end if they move to another customer while the call waits for their row', async () => {
    const [customerId, other] = [randomUUID(), randomUUID()];
    const [id] = await createSessions(customerId, 1);
    const sql = `UPDATE session_info SET customer_id = '${other}' WHERE session_id = $1`;
    const lock = await lockedBy(sql, `${id}`);
    const ended = createStore().deleteByCustomer(customerId);
    await postgres.untilWaiting();
    await lock.commit();
    expect(await ended).toBe(0);
    expect(idsOf(await createStore().listByCustomer(other))).toEqual([id]);
  });

  it('do not end if a new session takes their ID while the call waits for their row', async () => {
    const customerId = randomUUID();
    const [id] = await createSessions(customerId, 1);
    const sql =
      "UPDATE session_info SET expires_at = clock_timestamp() - interval '1 s' WHERE session_id = $1";
    const lock = await lockedBy(sql, `${id}`);
    const ended = createStore().deleteByCustomer(customerId);
    await postgres.untilWaiting();
    const inTransaction = createPostgresStore((statement) => lock.client.query(statement));
    expect(await inTransaction.create(`${id}`, { customerId, visitId: 'new' })).toBeDefined();
    await lock.commit();
    expect(await ended).toBe(0);
    expect(await createStore().get(`${id}`)).toMatchObject({ visitId: 'new' });
  });

  it('end if activity extends them while the call waits for their row', async () => {
    const customerId = randomUUID();
    const [id] = await createSessions(customerId, 1);
    const sql = "UPDATE session_info SET expires_at = expires_at + interval '1 s' WHERE session_id = $1";
    const lock = await lockedBy(sql, `${id}`);
    const ended = createStore().deleteByCustomer(customerId);
    await postgres.untilWaiting();
    await lock.commit();
    expect(await ended).toBe(1);
  });

  it('end even if the clock of the server has been set back since they were created', async () => {
    const customerId = randomUUID();
    await createSessions(customerId, 2);
    const sql = "UPDATE session_info SET created_at = now() + interval '1 hour' WHERE customer_id = $1";
    await postgres.pool.query(sql, [customerId]);
    expect(await createStore().deleteByCustomer(customerId)).toBe(2);
  });

  it('reject the row of another customer, from a client that mixes up its results', async () => {
    const customerId = randomUUID();
    await createSessions(customerId, 1);
    const mixedUp = createPostgresStore(({ values: [, ...rest], ...statement }) =>
      postgres.pool.query({ ...statement, values: [customerId, ...rest] }),
    );
    await expect(mixedUp.listByCustomer('mine')).rejects.toThrow('the row of another session');
  });

  it('are found by the index, of which those that are too old are not read', async () => {
    const sql = `INSERT INTO session_info SELECT gen_random_uuid()::text, 'a', 'c' || n % 4000, 'v', 'g', t, t, t + interval '1 day'
FROM generate_series(1, 20000) AS n, LATERAL (SELECT now() - n % 5 * interval '23 hours' AS t) AS times`;
    await postgres.pool.query(sql);
    await postgres.pool.query('ANALYZE session_info');
    for (const call of ['listByCustomer', 'deleteByCustomer'] as const) {
      let plan = '';
      const explained = createPostgresStore(async ({ text, values }) => {
        const { rows } = await postgres.pool.query(`EXPLAIN ${text}`, values);
        plan = rows.map((row) => row['QUERY PLAN']).join('\n');
        return { rows: [] };
      });
      await Promise.resolve(explained[call]('c7')).catch(() => {});
      expect(plan).toMatch(
        /session_info_customer_idx.*\n(.*\n)?.*Index Cond: .*customer_id = .*created_at > /,
      );
      expect(plan).not.toContain('Seq Scan');
    }
  });
});
