import Database from 'libsql';
import pg from 'pg';
import { createClient } from 'redis';
import { vi } from 'vitest';
import type { SessionStore } from '../../../src/session-store.js';
import { createExpressSessionStore } from '../../../src/stores/express-session.js';
import { createMemoryStore } from '../../../src/stores/memory.js';
import { createPostgresStore } from '../../../src/stores/postgres/postgres.js';
import { createRedisStore } from '../../../src/stores/redis/redis.js';
import { createSqliteStore } from '../../../src/stores/sqlite.js';
import { startPostgres } from '../../servers/postgres.js';
import { startRedis } from '../../servers/redis.js';
import { TIMEOUTS } from './commands.js';

/** A store, its clock, and its end. */
export interface OpenedStore {
  readonly store: SessionStore;
  advance(milliseconds: number): unknown;
  close(): unknown;
}

/** By the time of the process. */
function onFakeTime(store: SessionStore): OpenedStore {
  vi.useFakeTimers({ toFake: ['Date'] });
  return {
    store,
    advance: (milliseconds) => vi.setSystemTime(Date.now() + milliseconds),
    close: () => vi.useRealTimers(),
  };
}

export const openMemory = (): OpenedStore => onFakeTime(createMemoryStore({ ...TIMEOUTS, max: 1000 }));

/** On a store that keeps JSON, as most of them do. */
export function openBridge(): OpenedStore {
  const records = new Map<string, string>();
  const backend = {
    get(id: string, callback: (error: unknown, record?: unknown) => void) {
      const record = records.get(id);
      callback(null, record && JSON.parse(record));
    },
    set(id: string, record: object, callback: () => void) {
      records.set(id, JSON.stringify(record));
      callback();
    },
    destroy(id: string, callback: () => void) {
      records.delete(id);
      callback();
    },
  };
  return onFakeTime(createExpressSessionStore(backend, TIMEOUTS));
}

/** The clock of a server can't be moved, so everything stored becomes older instead. */
export function openSqlite(): OpenedStore {
  const database = new Database(':memory:');
  const store = createSqliteStore(database, TIMEOUTS);
  store.migrate();
  const age = database.prepare(
    'UPDATE session_info SET created_at = created_at - ?1, updated_at = updated_at - ?1, expires_at = expires_at - ?1',
  );
  return {
    store,
    advance: (milliseconds) => age.run(milliseconds),
    close: () => database.close(),
  };
}

export async function openPostgres(): Promise<OpenedStore> {
  const server = await startPostgres();
  const pool = new pg.Pool({ connectionString: server.url });
  pool.on('error', () => {});
  const store = createPostgresStore((statement) => pool.query(statement), TIMEOUTS);
  await store.migrate();
  return {
    store,
    advance: (milliseconds) => pool.query(AGE, [`${milliseconds} milliseconds`]),
    async close() {
      await pool.end();
      await server.stop();
    },
  };
}

const AGE = `UPDATE session_info SET created_at = created_at - $1::interval, updated_at = updated_at - $1::interval,
  expires_at = expires_at - $1::interval WHERE expires_at > clock_timestamp()`;

export async function openRedis(): Promise<OpenedStore> {
  const server = await startRedis();
  const client = await createClient({ url: server.url }).connect();
  const store = createRedisStore((args) => client.sendCommand(args), TIMEOUTS);
  return {
    store,
    advance: (milliseconds) => client.eval(AGE_ALL, { arguments: [`${milliseconds}`] }),
    async close() {
      await client.close();
      await server.stop();
    },
  };
}

const AGE_ALL = `
for _, key in ipairs(redis.call('KEYS', '*')) do
  local left = redis.call('PTTL', key) - ARGV[1]
  if left <= 0 then
    redis.call('DEL', key)
  else
    redis.call('HINCRBY', key, 'createdAt', -ARGV[1])
    redis.call('HINCRBY', key, 'updatedAt', -ARGV[1])
    redis.call('PEXPIRE', key, left)
  end
end`;
