import Database from 'libsql';
import pg from 'pg';
import { createClient } from 'redis';
import type { Awaitable, SessionStore } from '../../../src/session-store.js';
import {
  createExpressSessionStore,
  type ExpressSessionBackend,
} from '../../../src/stores/express-session.js';
import { createMemoryStore } from '../../../src/stores/memory.js';
import {
  createPostgresStore,
  type PostgresQuery,
  type PostgresStoreOptions,
} from '../../../src/stores/postgres/postgres.js';
import { createRedisStore, type SendRedisCommand } from '../../../src/stores/redis/redis.js';
import type { SessionTimeouts } from '../../../src/stores/shared/session-timeouts.js';
import { createSqliteStore } from '../../../src/stores/sqlite.js';
import { type Connection, myTurn, type Racecourse } from './interleavings.js';

/** A racecourse, and how to leave it. */
export interface OpenRacecourse extends Racecourse {
  close?(): unknown;
}

/** The observer makes sessions with the default of 30 minutes, so that each use by a racer has a deadline to move. */
const RACER = { idleTimeout: 7_200_000 };

/** `create` makes the store of each racer; the observer has the real one. */
export async function redisRacecourse(
  url: string,
  create: (send: SendRedisCommand, timeouts?: SessionTimeouts) => SessionStore = createRedisStore,
): Promise<OpenRacecourse> {
  const clients: { close(): unknown }[] = [];
  async function connect(createStore: typeof create, timeouts?: SessionTimeouts) {
    const client = await createClient({ url }).connect();
    clients.push(client);
    async function send(args: string[]): Promise<unknown> {
      await myTurn();
      return client.sendCommand(args);
    }
    async function expire(sessionId: string): Promise<void> {
      await myTurn();
      await client.pExpire(`session-info:${sessionId}`, 1);
      while (await client.exists(`session-info:${sessionId}`));
    }
    return { client, connection: { store: createStore(send, timeouts), expire } };
  }
  const observer = await connect(createRedisStore);
  return {
    racers: [(await connect(create, RACER)).connection, (await connect(create, RACER)).connection],
    observer: observer.connection,
    // So that the real store, too, needs two commands for its first call.
    prepare: async () => void (await observer.client.scriptFlush()),
    close: () => Promise.all(clients.map((client) => client.close())),
  };
}

/**
 * `ending`: with a third connection that takes the lock of the row, makes a new version of it, and ends its transaction in
 * that way. Where there is no session it locks the ID by an expired one. Nobody may notice it.
 */
export async function postgresRacecourse(
  url: string,
  create: (query: PostgresQuery, timeouts?: SessionTimeouts) => SessionStore = createPostgresStore,
  ending?: 'COMMIT' | 'ROLLBACK',
): Promise<OpenRacecourse> {
  const clients: pg.Client[] = [];
  async function connect() {
    const client = new pg.Client(url);
    clients.push(client);
    await client.connect();
    const { rows } = await client.query('SELECT pg_backend_pid() AS pid');
    return { client, pid: rows[0].pid };
  }
  const monitor = await connect();
  await createPostgresStore((statement) => monitor.client.query(statement)).migrate();

  async function racer(createStore: typeof create, timeouts?: SessionTimeouts) {
    const { client, pid } = await connect();
    const query: PostgresQuery = async (statement) => {
      await myTurn();
      return client.query(statement);
    };
    // A get in a statement of its own, which goes by the turns of its caller.
    const options: PostgresStoreOptions = { ...timeouts, coalesce: false };
    return { client, store: createStore(query, options), expire, isHeldUp };

    async function expire(sessionId: string): Promise<void> {
      await myTurn();
      await client.query(EXPIRE, [sessionId]);
    }
    async function isHeldUp(): Promise<boolean> {
      const { rows } = await monitor.client.query(HELD_UP, [pid]);
      return rows[0].held_up;
    }
  }

  const holder = await racer(create);
  async function hold(sessionId: string): Promise<void> {
    await myTurn();
    await holder.client.query('BEGIN');
    await holder.client.query(LOCK, [sessionId]);
    await myTurn();
    await holder.client.query(ending ?? '');
  }
  return {
    racers: [await racer(create, RACER), await racer(create, RACER)],
    observer: await racer(createPostgresStore),
    ...(ending && { hold: Object.assign(hold, { isHeldUp: holder.isHeldUp }) }),
    close: () => Promise.all(clients.map((client) => client.end())),
  };
}

const EXPIRE = `UPDATE session_info SET expires_at = clock_timestamp() - interval '1 ms' WHERE session_id = $1`;
const HELD_UP = 'SELECT cardinality(pg_blocking_pids($1)) > 0 AS held_up';
const LOCK = `INSERT INTO session_info AS old (session_id, created_at, updated_at, expires_at)
VALUES ($1, 'epoch', 'epoch', 'epoch') ON CONFLICT (session_id) DO UPDATE SET updated_at = old.updated_at`;

/** Its calls block, so that they are what is scheduled; test/long/races/sqlite-locks.test.ts looks inside them. */
export function sqliteRacecourse(file: string): OpenRacecourse {
  const databases: InstanceType<typeof Database>[] = [];
  function connect(timeouts?: SessionTimeouts): Connection {
    const database = new Database(file);
    databases.push(database);
    async function expire(sessionId: string): Promise<void> {
      await myTurn();
      database.prepare('UPDATE session_info SET expires_at = 0 WHERE session_id = ?').run(sessionId);
    }
    const store = createSqliteStore(database, timeouts);
    if (databases.length === 1) store.migrate();
    return { store: callByCall(store), expire };
  }
  return {
    observer: connect(),
    racers: [connect(RACER), connect(RACER)],
    close() {
      for (const database of databases) database.close();
    },
  };
}

/** `advanceClock` moves the time of the process. */
export function memoryRacecourse(advanceClock: (milliseconds: number) => void): OpenRacecourse {
  const connection: Connection = {
    store: callByCall(createMemoryStore({ idleTimeout: 1000 })),
    async expire() {
      await myTurn();
      advanceClock(1001);
    },
  };
  return { racers: [connection, connection], observer: connection };
}

/**
 * The bridge over a store below that answers when it is the caller's turn: in one process, or each racer in its own.
 * `advanceClock` moves the time of the process.
 */
export function bridgeRacecourse(
  advanceClock: (milliseconds: number) => void,
  { processes }: { processes: 1 | 2 } = { processes: 1 },
): OpenRacecourse {
  const records = new Map<string, string>();
  const shared = backendOver(records);
  async function expire(): Promise<void> {
    await myTurn();
    advanceClock(RACER.idleTimeout + 1);
  }
  /** Everything here is promises: whoever has not gone on by now waits in the queue of the ID. */
  const isHeldUp = async () => true;
  function connect(timeouts?: SessionTimeouts): Connection {
    const backend = processes === 1 ? shared : backendOver(records);
    return { store: callByCall(createExpressSessionStore(backend, timeouts)), expire, isHeldUp };
  }
  return { racers: [connect(RACER), connect(RACER)], observer: connect() };
}

function backendOver(records: Map<string, string>): ExpressSessionBackend {
  return {
    async get(id, callback) {
      await myTurn();
      const record = records.get(id);
      callback(null, record && JSON.parse(record));
    },
    async set(id, record, callback) {
      await myTurn();
      records.set(id, JSON.stringify(record));
      callback();
    },
    async destroy(id, callback) {
      await myTurn();
      records.delete(id);
      callback();
    },
  };
}

/** Takes a turn before each call, for a store that answers at once or in the order of its calls. */
function callByCall(store: SessionStore): SessionStore {
  const inTurn = async <Value>(call: () => Awaitable<Value>): Promise<Value> => {
    await myTurn();
    return call();
  };
  return {
    create: (sessionId, associations) => inTurn(() => store.create(sessionId, associations)),
    get: (sessionId) => inTurn(() => store.get(sessionId)),
    peek: (sessionId) => inTurn(() => store.peek(sessionId)),
    update: (sessionId, associations) => inTurn(() => store.update(sessionId, associations)),
    delete: (sessionId) => inTurn(() => store.delete(sessionId)),
  };
}
