import { randomUUID } from 'node:crypto';
import { beforeEach, expect, it } from 'vitest';
import { createPostgresStore, type PostgresQuery } from '../../../src/stores/postgres/postgres.js';
import { needs } from '../../servers/needs.js';
import { usePostgres } from './use-postgres.js';

needs('postgres')('deleteExpired', () => {
  const postgres = usePostgres();
  let table: string;
  beforeEach(async () => {
    table = `t${randomUUID().replaceAll('-', '').slice(0, 20)}`;
    await postgres.createStore({ table }).migrate();
  });

  /** Sessions that expired one after the other, the last of them a day ago. */
  const addExpired = (count: number) =>
    postgres.pool.query(`INSERT INTO ${table} SELECT n::text, 'a', 'c', 'v', 'g', t, t, t
FROM generate_series(1, ${count}) AS n, LATERAL (SELECT now() - interval '1 day' - n % 1000 * interval '1 s' AS t) AS times`);

  const idsLeft = async () => {
    const { rows } = await postgres.pool.query(`SELECT session_id FROM ${table} ORDER BY session_id`);
    return rows.map(({ session_id }) => session_id);
  };

  it('removes the expired sessions only, and returns how many', async () => {
    const store = postgres.createStore({ table });
    await store.create('live', {});
    await addExpired(3);
    await postgres.pool.query(`UPDATE ${table} SET expires_at = '-infinity' WHERE session_id = '1'`);
    expect(await store.deleteExpired()).toBe(3);
    expect(await store.deleteExpired()).toBe(0);
    expect(await idsLeft()).toEqual(['live']);
  });

  it('passes over those that somebody has locked, without waiting', async () => {
    const store = postgres.createStore({ table });
    await addExpired(2500);
    const sql = `SELECT FROM ${table} WHERE session_id IN ('1', '2000') FOR UPDATE`;
    const lock = await postgres.lockedBy(sql);
    expect(await store.deleteExpired()).toBe(2498);
    await lock.commit();
    expect(await store.deleteExpired()).toBe(2);
  });

  it('keeps a session that takes the ID of an expired one meanwhile', async () => {
    await addExpired(10);
    const store = postgres.createStore({ table });
    const [created, deleted] = await Promise.all([
      store.create('7', { visitId: 'new' }),
      store.deleteExpired(),
    ]);
    expect(created).toMatchObject({ visitId: 'new' });
    expect([9, 10]).toContain(deleted);
    expect(await idsLeft()).toEqual(['7']);
  });

  it('gets through any backlog within the limits of the documented pool, several runs at once', async () => {
    const limited = postgres.openPool({ statement_timeout: 1500, query_timeout: 2000 });
    const count = 100_000;
    await addExpired(count);
    let longest = 0;
    const timed: PostgresQuery = async (statement) => {
      const start = performance.now();
      const result = await limited.query(statement);
      longest = Math.max(longest, performance.now() - start);
      return result;
    };
    const runs = Array.from({ length: 3 }, () => createPostgresStore(timed, { table }).deleteExpired());
    const counts = await Promise.all(runs);
    expect(counts.reduce((sum, one) => sum + one, 0)).toBe(count);
    expect(await idsLeft()).toEqual([]);
    expect(longest).toBeLessThan(1500);
  });

  it('goes on where its last batch ended, past the rows that an older transaction keeps from vacuum', async () => {
    await addExpired(5000);
    const reader = await postgres.lockedBy(`SELECT count(*) FROM ${table}`);
    await reader.client.query('COMMIT; BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT 1');
    const starts: unknown[] = [];
    const watched: PostgresQuery = (statement) => {
      starts.push(statement.values[0]);
      return postgres.pool.query(statement);
    };
    expect(await createPostgresStore(watched, { table }).deleteExpired()).toBe(5000);
    expect(starts[0]).toBe('-infinity');
    expect(new Set(starts).size).toBe(starts.length);
    expect(starts.slice(1)).toEqual([...starts.slice(1)].sort());
    await reader.commit();
  });

  it('keeps what its batches have removed if a later one fails', async () => {
    await addExpired(3000);
    let calls = 0;
    const failing: PostgresQuery = async (statement) => {
      if (++calls === 3) throw new Error('down');
      return postgres.pool.query(statement);
    };
    const store = createPostgresStore(failing, { table });
    await expect(store.deleteExpired()).rejects.toThrow('down');
    expect(await idsLeft()).toHaveLength(1000);
    expect(await store.deleteExpired()).toBe(1000);
  });

  it('is the same whatever the connections make of times', async () => {
    await addExpired(2500);
    const zones = ['America/St_Johns', 'Asia/Kathmandu', 'UTC'];
    const pools = zones.map((zone, i) =>
      postgres.openPool({
        max: 1,
        options: `-c TimeZone=${zone} -c DateStyle=${['SQL,DMY', 'German', 'Postgres,MDY'][i]}`,
      }),
    );
    let calls = 0;
    const query: PostgresQuery = (statement) =>
      (pools[calls++ % pools.length] ?? postgres.pool).query(statement);
    expect(await createPostgresStore(query, { table }).deleteExpired()).toBe(2500);
  });
});
