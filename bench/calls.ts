import { createClient } from 'redis';
import type { SessionStore } from '../dist/esm/index.js';
import { createPostgresStore } from '../dist/esm/stores/postgres/postgres.js';
import { createRedisStore } from '../dist/esm/stores/redis/redis.js';
import type { Effort } from './compare.ts';
import { type Database, openPool, startPostgresDatabase, startRedisDatabase } from './databases.ts';
import { eachOf } from './each-of.ts';
import type { Measured, Row } from './results.ts';
import { ASSOCIATIONS } from './routes.ts';
import { median, rounded } from './statistics.ts';
import { numberedId } from './visitors.ts';

/** What a call of our stores costs the database, on 100,000 live sessions: the base of the plan for many. */
export async function measureCalls(effort: Effort): Promise<Measured> {
  const redis = await onRedis(effort);
  const postgres = await onPostgres(effort);
  return {
    title: 'What a call of a store costs its database',
    rows: [...redis.rows, ...postgres.rows],
    versions: [redis.version, postgres.version],
  };
}

const SESSIONS = 100_000;
const BATCH = 4000;

interface OfEngine {
  readonly rows: Row[];
  readonly version: string;
}

async function onRedis(effort: Effort): Promise<OfEngine> {
  const database = await startRedisDatabase();
  const client = createClient({ url: database.url });
  try {
    await client.connect();
    const used = async () => Number(/used_memory:(\d+)/.exec(await client.info('memory'))?.[1]);
    const empty = await used();
    const store = createRedisStore((args) => client.sendCommand(args));
    await fill(store);
    const bytes = ((await used()) - empty) / SESSIONS;
    return { rows: await rowsOf('Redis', store, database, bytes, effort), version: database.version };
  } finally {
    if (client.isOpen) client.destroy();
    await database.stop();
  }
}

async function onPostgres(effort: Effort): Promise<OfEngine> {
  const database = await startPostgresDatabase();
  const pool = openPool(database);
  try {
    const store = createPostgresStore((statement) => pool.query(statement));
    await store.migrate();
    await fill(store);
    const { rows } = await pool.query(`SELECT pg_total_relation_size('session_info') AS size`);
    const bytes = Number(rows[0].size) / SESSIONS;
    return { rows: await rowsOf('PostgreSQL', store, database, bytes, effort), version: database.version };
  } finally {
    await pool.end();
    await database.stop();
  }
}

/** Each session is updated once, as clients do. */
async function fill(store: SessionStore): Promise<void> {
  await eachOf(SESSIONS, 100, async (n) => {
    await store.create(numberedId(n), { ...ASSOCIATIONS, customerId: `customer-${1_000_000 + n}` });
    await store.update(numberedId(n), { visitId: `visit-${1_000_000 + n}` });
  });
}

async function rowsOf(
  engine: string,
  store: SessionStore,
  database: Database,
  bytes: number,
  { rounds }: Effort,
): Promise<Row[]> {
  const rows: Row[] = [];
  for (const call of ['get', 'update'] as const) {
    for (const atOnce of [1, 16]) {
      const costs: number[] = [];
      for (let round = 0; round < rounds; round++) {
        const before = database.cpuTime();
        await eachOf(BATCH, atOnce, async () => {
          await store[call](numberedId(Math.floor(Math.random() * SESSIONS)), ASSOCIATIONS);
        });
        costs.push((database.cpuTime() - before) / BATCH);
      }
      const cpu = rounded(median(costs), 1);
      rows.push({
        engine,
        call,
        atOnce,
        databaseCpu: cpu,
        perCore: Math.round(1e6 / cpu),
        bytes: Math.round(bytes),
      });
    }
  }
  return rows;
}
