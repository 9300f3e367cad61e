import { RedisStore } from 'connect-redis';
import type { Cluster, Redis } from 'ioredis';
import type pg from 'pg';
import { openLibsql } from '../../../example-app/clients/libsql.js';
import { createNodeRedis } from '../../../example-app/clients/node-redis.js';
import { createPgPool } from '../../../example-app/clients/pg.js';
import type { SessionStore } from '../../../src/session-store.js';
import { createExpressSessionStore } from '../../../src/stores/express-session.js';
import { createPostgresStore } from '../../../src/stores/postgres/postgres.js';
import { createRedisStore } from '../../../src/stores/redis/redis.js';
import { createSqliteStore } from '../../../src/stores/sqlite.js';
import { createIoredis, createIoredisCluster, createIoredisSentinel } from '../../clients/ioredis.js';
import { createNodeRedisCluster } from '../../clients/node-redis-cluster.js';
import { createNodeRedisSentinel } from '../../clients/node-redis-sentinel.js';
import { PRIMARY } from '../../servers/redis-sentinel.js';

/** A store with its client, on a server or a file. */
export interface StoreSetting {
  readonly store: StoreName;
  /** Of the server, of each of the nodes or sentinels, or the path of the file. */
  readonly urls: readonly string[];
  /** More options of pg. */
  readonly pool?: pg.PoolConfig;
}

export interface OpenStore {
  readonly store: SessionStore;
  /** Does something to the client, for a fault that lies in the app itself. Answers what to undo it with. */
  disturb?(what: string): Promise<void>;
}

export type StoreName =
  | 'Redis (node-redis)'
  | 'Redis (ioredis)'
  | 'Redis Sentinel (node-redis)'
  | 'Redis Sentinel (ioredis)'
  | 'Redis Cluster (node-redis)'
  | 'Redis Cluster (ioredis)'
  | 'express-session (connect-redis)'
  | 'PostgreSQL (pg)'
  | 'PostgreSQL (pgbouncer)'
  | 'SQLite (libsql)';

type Open = (setting: StoreSetting) => OpenStore | Promise<OpenStore>;

export async function openStore(setting: StoreSetting): Promise<OpenStore> {
  return OPENERS[setting.store](setting);
}

// The settings of the clients are those that docs/stores.md shows.
const OPENERS: Record<StoreName, Open> = {
  async 'Redis (node-redis)'({ urls: [url = ''] }) {
    const client = createNodeRedis(url, ignore);
    await client.connect();
    return { store: createRedisStore((args) => client.sendCommand(args)) };
  },

  async 'Redis (ioredis)'({ urls: [url = ''] }) {
    const client = createIoredis(url, ignore);
    await ready(client);
    return { store: createRedisStore(([name = '', ...rest]) => client.call(name, ...rest)) };
  },

  async 'Redis Sentinel (node-redis)'({ urls }) {
    const sentinel = createNodeRedisSentinel(PRIMARY, urls.map(addressOf), ignore);
    await sentinel.connect();
    return { store: createRedisStore((args) => sentinel.sendCommand(false, args)) };
  },

  async 'Redis Sentinel (ioredis)'({ urls }) {
    const client = createIoredisSentinel(PRIMARY, urls.map(addressOf), ignore);
    await ready(client);
    return { store: createRedisStore(([name = '', ...rest]) => client.call(name, ...rest)) };
  },

  async 'Redis Cluster (node-redis)'({ urls }) {
    const cluster = createNodeRedisCluster(urls, ignore);
    await cluster.connect();
    return { store: createRedisStore((args, key) => cluster.sendCommand(key, false, args)) };
  },

  async 'Redis Cluster (ioredis)'({ urls }) {
    const client = createIoredisCluster([...urls], ignore);
    await ready(client);
    return { store: createRedisStore(([name = '', ...rest]) => client.call(name, ...rest)) };
  },

  async 'express-session (connect-redis)'({ urls: [url = ''] }) {
    const client = createNodeRedis(url, ignore);
    await client.connect();
    return { store: createExpressSessionStore(new RedisStore({ client, prefix: 'bridge:' })) };
  },

  async 'PostgreSQL (pg)'({ urls: [connectionString = ''], pool: more }) {
    const pool = createPgPool({ connectionString, ...more }, ignore);
    const store = createPostgresStore((statement) => pool.query(statement));
    let held: pg.PoolClient | undefined;
    return {
      store,
      async disturb(what) {
        if (what === 'hold') held = await pool.connect();
        else held?.release();
      },
    };
  },

  'PostgreSQL (pgbouncer)'({ urls: [connectionString = ''] }) {
    const pool = createPgPool({ connectionString }, ignore);
    return { store: createPostgresStore(({ text, values }) => pool.query({ text, values })) };
  },

  'SQLite (libsql)'({ urls: [file = ''] }) {
    const database = openLibsql(file);
    return {
      store: createSqliteStore(database),
      disturb: async (sql) => void database.exec(sql),
    };
  },
};

function ignore(): void {}

function addressOf(url: string): { host: string; port: number } {
  const { hostname, port } = new URL(url);
  return { host: hostname, port: Number(port) };
}

function ready(client: Redis | Cluster): Promise<void> {
  return new Promise((resolve) => client.once('ready', resolve));
}

/** What tells one error of a client from another, without the IDs that a message may hold. */
export function errorName(error: unknown): string {
  const { code, name, message } = error as { code?: unknown; name?: string; message?: string };
  return String(code ?? /^-?([A-Z]{3,})\b/.exec(message ?? '')?.[1] ?? `${name}: ${message}`);
}
