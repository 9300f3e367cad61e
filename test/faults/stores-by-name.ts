import { RedisStore } from 'connect-redis';
import { Cluster, Redis } from 'ioredis';
import Database from 'libsql';
import pg from 'pg';
import { createClient, createCluster } from 'redis';
import type { SessionStore } from '../../src/session-store.js';
import { createExpressSessionStore } from '../../src/stores/express-session.js';
import { createPostgresStore } from '../../src/stores/postgres.js';
import { createRedisStore } from '../../src/stores/redis.js';
import { createSqliteStore } from '../../src/stores/sqlite.js';

/** A store with its client, on a server or a file. */
export interface StoreSetting {
  readonly store: StoreName;
  /** Of the server, of each of the nodes, or the path of the file. */
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
  | 'Redis Cluster (node-redis)'
  | 'Redis Cluster (ioredis)'
  | 'express-session (connect-redis)'
  | 'PostgreSQL (pg)'
  | 'SQLite (libsql)';

type Open = (setting: StoreSetting) => OpenStore | Promise<OpenStore>;

export async function openStore(setting: StoreSetting): Promise<OpenStore> {
  return OPENERS[setting.store](setting);
}

// The settings of the clients are those that docs/stores.md tells to use.

const NODE_REDIS = {
  disableOfflineQueue: true,
  commandsQueueMaxLength: 1000,
  commandOptions: { timeout: 1500 },
  socket: {
    connectTimeout: 1500,
    socketTimeout: 5000,
    reconnectStrategy: (retries: number) => Math.min(retries * 50, 1000),
  },
  pingInterval: 2000,
};

const IOREDIS = {
  enableOfflineQueue: false,
  maxRetriesPerRequest: 1,
  commandTimeout: 1500,
  connectTimeout: 1500,
  socketTimeout: 3000,
  retryStrategy: (times: number) => Math.min(times * 50, 1000),
  maxLoadingRetryTime: 500,
};

const ignore = () => {};

/**
 * node-redis takes what it sends for a sign of life, so its `socketTimeout` never comes while requests do, and a connection
 * that has gone silent would stay. Hence a ping that must be answered.
 */
async function nodeRedis(url: string) {
  const client = await createClient({ ...NODE_REDIS, url })
    .on('error', ignore)
    .connect();
  setInterval(async () => {
    if (!client.isReady) return;
    const silent = setTimeout(() => {
      client.destroy();
      client.connect().catch(ignore);
    }, 1500);
    await client.ping().catch(ignore);
    clearTimeout(silent);
  }, 2000).unref();
  return client;
}

const OPENERS: Record<StoreName, Open> = {
  async 'Redis (node-redis)'({ urls: [url = ''] }) {
    const client = await nodeRedis(url);
    return { store: createRedisStore((args) => client.sendCommand(args)) };
  },

  async 'Redis (ioredis)'({ urls: [url = ''] }) {
    const client = new Redis(url, IOREDIS).on('error', ignore);
    await ready(client);
    return { store: createRedisStore(([name = '', ...rest]) => client.call(name, ...rest)) };
  },

  async 'Redis Cluster (node-redis)'({ urls }) {
    const cluster = createCluster({ rootNodes: urls.map((url) => ({ url })), defaults: NODE_REDIS });
    await cluster.on('error', ignore).connect();
    return { store: createRedisStore((args, key) => cluster.sendCommand(key, false, args)) };
  },

  async 'Redis Cluster (ioredis)'({ urls }) {
    const { enableOfflineQueue: _, retryStrategy: __, ...redisOptions } = IOREDIS;
    const client = new Cluster([...urls], { enableOfflineQueue: false, redisOptions }).on('error', ignore);
    await ready(client);
    return { store: createRedisStore(([name = '', ...rest]) => client.call(name, ...rest)) };
  },

  async 'express-session (connect-redis)'({ urls: [url = ''] }) {
    const client = await nodeRedis(url);
    return { store: createExpressSessionStore(new RedisStore({ client, prefix: 'bridge:' })) };
  },

  async 'PostgreSQL (pg)'({ urls: [connectionString = ''], pool: more }) {
    const pool = new pg.Pool({
      connectionString,
      max: 10,
      connectionTimeoutMillis: 1500,
      statement_timeout: 1500,
      query_timeout: 2000,
      ...more,
    });
    pool.on('error', ignore);
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

  'SQLite (libsql)'({ urls: [file = ''] }) {
    // So short because it blocks the process: more than the time between two writes, and all wait for those before.
    const database = new Database(file, { timeout: 10 });
    database.exec('PRAGMA synchronous = FULL');
    return {
      store: createSqliteStore(database),
      disturb: async (sql) => void database.exec(sql),
    };
  },
};

function ready(client: Redis | Cluster): Promise<void> {
  return new Promise((resolve) => client.once('ready', resolve));
}

/** What tells one error of a client from another, without the IDs that a message may hold. */
export function errorName(error: unknown): string {
  const { code, name, message } = error as { code?: unknown; name?: string; message?: string };
  return String(code ?? /^-?([A-Z]{3,})\b/.exec(message ?? '')?.[1] ?? `${name}: ${message}`);
}
