import Database from 'libsql';
import pg from 'pg';
import { createClient, createCluster } from 'redis';
import { createPostgresStore } from '../../../src/stores/postgres/postgres.js';
import type { IndexLimits } from '../../../src/stores/redis/customer-index.js';
import { createSqliteStore } from '../../../src/stores/sqlite.js';
import { type CustomerStore, openRedisStore } from './open-redis-store.js';
import { plantedFaults } from './planted-faults.js';

/** A store with its timeouts, on a server or a file. */
export interface CustomerStoreSetting {
  readonly store: CustomerStoreName;
  /** Of the server, of each of the nodes, or the path of the file. */
  readonly urls: readonly string[];
  readonly timeouts: { readonly idleTimeout: number; readonly absoluteTimeout: number };
  /** Of Redis. */
  readonly limits: IndexLimits;
  /** Of Redis: a store with this fault. */
  readonly fault?: keyof typeof plantedFaults;
}

export type CustomerStoreName =
  | 'Redis (node-redis)'
  | 'Redis Cluster (node-redis)'
  | 'PostgreSQL (pg)'
  | 'SQLite (libsql)';

export interface OpenCustomerStore {
  readonly store: CustomerStore;
  close(): unknown;
}

export async function openCustomerStore(setting: CustomerStoreSetting): Promise<OpenCustomerStore> {
  return OPENERS[setting.store](setting);
}

const PREFIX = 'session-info:';

const OPENERS: Record<CustomerStoreName, (setting: CustomerStoreSetting) => Promise<OpenCustomerStore>> = {
  async 'Redis (node-redis)'({ urls: [url = ''], timeouts, limits, fault }) {
    const client = await createClient({ url }).connect();
    const sendCommand = (args: string[]) => client.sendCommand(args);
    const store = opener(fault)({ sendCommand, prefix: PREFIX, ...timeouts }, limits);
    return { store, close: () => client.close() };
  },

  async 'Redis Cluster (node-redis)'({ urls, timeouts, limits, fault }) {
    const cluster = createCluster({ rootNodes: urls.map((url) => ({ url })) });
    await cluster.connect();
    const sendCommand = (args: string[], key: string) => cluster.sendCommand(key, false, args);
    const store = opener(fault)({ sendCommand, prefix: PREFIX, ...timeouts }, limits);
    return { store, close: () => cluster.close() };
  },

  async 'PostgreSQL (pg)'({ urls: [connectionString = ''], timeouts }) {
    const pool = new pg.Pool({ connectionString, max: 8 });
    const store = createPostgresStore((statement) => pool.query(statement), timeouts);
    await store.migrate();
    return { store, close: () => pool.end() };
  },

  async 'SQLite (libsql)'({ urls: [file = ''], timeouts }) {
    const database = new Database(file, { timeout: 5000 });
    const store = createSqliteStore(database, timeouts);
    store.migrate();
    return { store, close: () => database.close() };
  },
};

function opener(fault: CustomerStoreSetting['fault']) {
  return fault ? plantedFaults[fault] : openRedisStore;
}
