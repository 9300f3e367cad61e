import { RedisStore } from 'connect-redis';
import Database from 'libsql';
import pg from 'pg';
import { createClient } from 'redis';
import type { SessionStore } from '../../../src/session-store.js';
import { createExpressSessionStore } from '../../../src/stores/express-session.js';
import { createMemoryStore } from '../../../src/stores/memory.js';
import { createPostgresStore } from '../../../src/stores/postgres/postgres.js';
import { createRedisStore } from '../../../src/stores/redis/redis.js';
import { createSqliteStore } from '../../../src/stores/sqlite.js';

/** Which store a process opens, and where. */
export type StoreAddress =
  | { readonly kind: 'memory' }
  | { readonly kind: 'redis' | 'postgres' | 'bridge'; readonly url: string }
  | { readonly kind: 'sqlite'; readonly file: string };

/** Opens a store for as long as the process lives. */
export async function openStore(address: StoreAddress): Promise<SessionStore> {
  if (address.kind === 'memory') return createMemoryStore();
  if (address.kind === 'sqlite') {
    const store = createSqliteStore(new Database(address.file, { timeout: 5000 }));
    store.migrate();
    return store;
  }
  if (address.kind === 'postgres') {
    const pool = new pg.Pool({ connectionString: address.url, max: 8 });
    const store = createPostgresStore((statement) => pool.query(statement));
    await store.migrate();
    return store;
  }
  const client = await createClient({ url: address.url }).connect();
  return address.kind === 'redis'
    ? createRedisStore((args) => client.sendCommand(args))
    : createExpressSessionStore(new RedisStore({ client }));
}
