import pg from 'pg';
import { afterAll, beforeAll, expect, onTestFinished } from 'vitest';
import { createPostgresStore, type PostgresStoreOptions } from '../../../src/stores/postgres/postgres.js';
import { type PostgresServer, startPostgres } from '../../servers/postgres.js';
import { START_LIMIT } from '../../servers/server-process.js';

/** A server with a pool of connections, for the tests of a suite. */
export function usePostgres(settings: string[] = []) {
  let server: PostgresServer;
  let pool: pg.Pool;
  beforeAll(async () => {
    server = await startPostgres(settings);
    pool = openPool();
  }, START_LIMIT);
  afterAll(async () => {
    await pool?.end();
    await server?.stop();
  });

  function openPool(config: pg.PoolConfig = {}): pg.Pool {
    const opened = new pg.Pool({ connectionString: server.url, ...config });
    // What the server says to the connections that it closes when it stops.
    opened.on('error', () => {});
    return opened;
  }

  async function connect(): Promise<pg.Client> {
    const client = new pg.Client(server.url);
    client.on('error', () => {});
    await client.connect();
    onTestFinished(() => client.end());
    return client;
  }

  return {
    get url() {
      return server.url;
    },
    get pool() {
      return pool;
    },
    /** Another connection, until the test has finished. */
    connect,
    /** Another pool, until the test has finished. */
    openPool(config: pg.PoolConfig): pg.Pool {
      const opened = openPool(config);
      onTestFinished(() => opened.end());
      return opened;
    },
    createStore: (options: PostgresStoreOptions = {}) =>
      createPostgresStore((statement) => pool.query(statement), options),
    /** Another connection, in a transaction that has run `sql` on a session and holds its lock. */
    async lockedBy(sql: string, ...values: string[]) {
      const client = await connect();
      await client.query('BEGIN');
      await client.query(sql, values);
      return { client, commit: () => client.query('COMMIT') };
    },
    /** Until so many statements wait for a lock that somebody else holds. */
    async untilWaiting(statements = 1): Promise<void> {
      const waiting =
        "SELECT count(*)::int AS count FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()";
      await expect
        .poll(async () => (await pool.query(waiting)).rows[0].count, { timeout: 10_000 })
        .toBe(statements);
    },
  };
}
