import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { createClient } from 'redis';
import { type CustomerSessions, createMemoryStore, type SessionStore } from '../dist/esm/index.js';
import { createPostgresStore } from '../dist/esm/stores/postgres/postgres.js';
import { createRedisStore } from '../dist/esm/stores/redis/redis.js';
import { createSqliteStore } from '../dist/esm/stores/sqlite.js';
import { openLibsql } from '../example-app/clients/libsql.ts';
import { fillRedis } from '../test/long/customers/fill-redis.ts';
import { temporaryFolder } from '../test/servers/server-process.js';
import { openPool, startPostgresDatabase, startRedisDatabase } from './databases.ts';
import { ASSOCIATIONS } from './routes.ts';
import { describeVersion } from './setting.ts';

/** A database, or none, with stores of many sessions. */
export interface Engine {
  /** What the tables call a store of it with the index of customers. */
  readonly indexed: string;
  /** And the same store without it. */
  readonly plain?: string;
  readonly versions: readonly string[];
  /** How many calls of it make a measurement: more where a call is short. */
  readonly batch: number;
  /** Opens a store of its own with so many sessions: session `idOf(n)` is of `customerOf(n % customers)`. */
  open(filling: Filling): Promise<CustomerStore> | CustomerStore;
  /** What all of its stores take. */
  bytes(): Promise<number> | number;
  /** The CPU time of the database until now, in µs. */
  cpuTime?(): number;
  stop(): Promise<void> | void;
}

export interface Filling {
  readonly sessions: number;
  /** Of whom each has as many sessions, far apart. */
  readonly customers: number;
  /** Whether the store has its index of customers. */
  readonly index: boolean;
}

/** On Redis it lists nothing without its index. */
export type CustomerStore = SessionStore & Partial<CustomerSessions>;

export const ENGINES: readonly (() => Promise<Engine> | Engine)[] = [
  inMemory,
  onRedis,
  onPostgres,
  inSqliteFile,
];

export function idOf(n: number): string {
  return `00000000-0000-4000-8000-${`${n}`.padStart(12, '0')}`;
}

export function customerOf(n: number): string {
  return `customer-${100_000 + n}`;
}

const { agentId, globalVisitId } = ASSOCIATIONS;

/** It has its index always. What stands for a store without one has its customers as visits, which takes as much memory. */
function inMemory(): Engine {
  setFlagsFromString('--expose-gc');
  const gc: () => void = runInNewContext('gc');
  // Kept, because a store that is collected between two measurements would falsify the second.
  const stores: CustomerStore[] = [];
  return {
    indexed: 'memory',
    versions: [],
    batch: 2000,
    open({ sessions, customers, index }) {
      const store = createMemoryStore({ max: 2 ** 21 });
      const member = index ? 'customerId' : 'visitId';
      for (let n = 0; n < sessions; n++) {
        store.create(idOf(n), { agentId, globalVisitId, [member]: customerOf(n % customers) });
      }
      stores.push(store);
      return store;
    },
    bytes() {
      for (let i = 0; i < 3; i++) gc();
      const { heapUsed, arrayBuffers } = process.memoryUsage();
      return heapUsed + arrayBuffers;
    },
    stop: () => void stores.splice(0),
  };
}

async function onRedis(): Promise<Engine> {
  const database = await startRedisDatabase();
  const clients = [await createClient({ url: database.url }).connect()];
  return {
    plain: 'Redis',
    indexed: 'Redis, indexCustomers',
    versions: [database.version],
    batch: 100,
    async open({ sessions, customers, index }) {
      // A numbered database of its own, whose tables of keys grow as those of a server of its own would.
      const client = await createClient({ url: database.url, database: clients.length }).connect();
      clients.push(client);
      const sendCommand = (args: string[]) => client.sendCommand(args);
      await fillRedis(sendCommand, { sessions, customers, prefix: 'session-info:', index });
      return createRedisStore(sendCommand, { indexCustomers: index });
    },
    bytes: async () => Number(/used_memory:(\d+)/.exec((await clients[0]?.info('memory')) ?? '')?.[1]),
    cpuTime: database.cpuTime,
    async stop() {
      for (const client of clients) client.destroy();
      await database.stop();
    },
  };
}

async function onPostgres(): Promise<Engine> {
  const database = await startPostgresDatabase();
  const pool = openPool(database);
  let tables = 0;
  return {
    plain: 'PostgreSQL without the index',
    indexed: 'PostgreSQL',
    versions: [database.version],
    batch: 100,
    async open({ sessions, customers, index }) {
      const table = `sessions${tables++}`;
      const store = createPostgresStore((statement) => pool.query(statement), { table });
      await store.migrate();
      if (!index) await pool.query(`DROP INDEX ${table}_customer_idx`);
      await pool.query(`INSERT INTO ${table}
(session_id, agent_id, customer_id, global_visit_id, created_at, updated_at, expires_at)
SELECT '00000000-0000-4000-8000-' || lpad(n::text, 12, '0'), '${agentId}',
  'customer-' || 100000 + n % ${customers}, '${globalVisitId}', time, time, now() + interval '30 minutes'
FROM generate_series(0, ${sessions - 1}) AS n, LATERAL (SELECT now() - n * interval '1 ms' AS time) AS times`);
      await pool.query(`VACUUM ANALYZE ${table}`);
      return store;
    },
    async bytes() {
      const { rows } = await pool.query('SELECT pg_database_size(current_database()) AS size');
      return Number(rows[0].size);
    },
    cpuTime: database.cpuTime,
    async stop() {
      await pool.end();
      await database.stop();
    },
  };
}

function inSqliteFile(): Engine {
  const folder = temporaryFolder('bench');
  const databases: ReturnType<typeof openLibsql>[] = [];
  return {
    plain: 'SQLite without the index',
    indexed: 'SQLite',
    versions: [describeVersion('libsql')],
    batch: 100,
    open({ sessions, customers, index }) {
      const file = join(folder.path, `${databases.length}.db`);
      const filling = openLibsql(file);
      createSqliteStore(filling).migrate();
      if (!index) filling.exec('DROP INDEX session_info_customer_id_idx');
      // Otherwise pages are written again and again while they are filled.
      filling.exec('PRAGMA cache_size = -1000000');
      filling.exec(`WITH RECURSIVE numbers (n, now) AS (
  SELECT 0, unixepoch() * 1000 UNION ALL SELECT n + 1, now FROM numbers WHERE n < ${sessions - 1}
)
INSERT INTO session_info
  (session_id, agent_id, customer_id, global_visit_id, created_at, updated_at, expires_at)
SELECT printf('00000000-0000-4000-8000-%012d', n), '${agentId}', 'customer-' || (100000 + n % ${customers}),
  '${globalVisitId}', now - n, now - n, now + 1800000 FROM numbers`);
      filling.close();
      const database = openLibsql(file);
      databases.push(database);
      return createSqliteStore(database);
    },
    bytes() {
      const sql = 'SELECT page_count * page_size AS bytes FROM pragma_page_count, pragma_page_size';
      const sizes = databases.map((database) => (database.prepare(sql).get() as { bytes: number }).bytes);
      return sizes.reduce((sum, bytes) => sum + bytes, 0);
    },
    stop() {
      for (const database of databases) database.close();
      folder.remove();
    },
  };
}
