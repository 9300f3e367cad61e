import {
  type CustomerSessionCalls,
  createMemoryStore,
  customerSessions,
  type SessionStore,
} from 'express-session-info';

/** A store, what to call it on the screen, and how to close its connection. */
export interface OpenStore {
  readonly store: SessionStore;
  /** If the store can list and end the sessions of a customer. */
  readonly customers?: CustomerSessionCalls;
  readonly name: string;
  readonly close: () => Promise<void>;
}

/**
 * The store that the environment asks for: in memory unless one of `REDIS_URL`, `DATABASE_URL`, `SQLITE_FILE` and
 * `SESSION_FILES` is set. A client is loaded only when it is asked for. Rejects when the backend can't be reached.
 */
export async function openStore(env: NodeJS.ProcessEnv): Promise<OpenStore> {
  const asked = Object.keys(BACKENDS).filter((variable) => env[variable]);
  if (asked.length > 1) throw new Error(`Set only one of ${asked.join(' and ')}`);
  const [variable] = asked;
  if (variable === undefined) {
    const store = createMemoryStore();
    return { store, customers: customerSessions(store), name: 'sessions in memory', close: async () => {} };
  }
  try {
    return await (BACKENDS[variable] as Backend)(env[variable] as string);
  } catch (error) {
    // Not the address: it may hold a password.
    throw new Error(`The store of ${variable} can't be opened: ${reason(error)}`, { cause: error });
  }
}

type Backend = (address: string) => Promise<OpenStore>;

const BACKENDS: Readonly<Record<string, Backend>> = {
  async REDIS_URL(url) {
    const [{ createNodeRedis }, { createRedisStore }] = await Promise.all([
      import('./clients/node-redis.js'),
      import('express-session-info/redis'),
    ]);
    let isOpen = false;
    const client = createNodeRedis(url, (error) => isOpen && console.error(`Redis: ${reason(error)}`));
    await firstConnection(client.connect(), () => client.destroy());
    isOpen = true;
    const store = createRedisStore((args) => client.sendCommand(args), { indexCustomers: true });
    return {
      store,
      customers: customerSessions(store),
      name: 'sessions in Redis',
      close: () => client.close(),
    };
  },

  async DATABASE_URL(connectionString) {
    const [{ createPgPool }, { createPostgresStore }] = await Promise.all([
      import('./clients/pg.js'),
      import('express-session-info/postgres'),
    ]);
    const pool = createPgPool({ connectionString }, (error) => console.error(`PostgreSQL: ${reason(error)}`));
    const store = createPostgresStore((statement) => pool.query(statement));
    await store.migrate();
    freeExpired(store);
    return {
      store,
      customers: customerSessions(store),
      name: 'sessions in PostgreSQL',
      close: () => pool.end(),
    };
  },

  async SQLITE_FILE(file) {
    const [{ openLibsql }, { createSqliteStore }] = await Promise.all([
      import('./clients/libsql.js'),
      import('express-session-info/sqlite'),
    ]);
    const database = openLibsql(file);
    const store = createSqliteStore(database);
    store.migrate();
    freeExpired(store);
    return {
      store,
      customers: customerSessions(store),
      name: 'sessions in SQLite',
      close: async () => void database.close(),
    };
  },

  /** A store for express-session, which keeps each session in a file. For one process, and it can't list: see docs/stores.md. */
  async SESSION_FILES(path) {
    const [{ default: session }, { default: createFileStore }, { createExpressSessionStore }] =
      await Promise.all([
        import('express-session'),
        import('session-file-store'),
        import('express-session-info/express-session'),
      ]);
    const FileStore = createFileStore(session);
    const files = new FileStore({ path, retries: 0, logFn: () => {} });
    return { store: createExpressSessionStore(files), name: 'sessions in files', close: async () => {} };
  },
};

/** Frees the space of expired sessions; no request finds them in any case. */
function freeExpired(store: { deleteExpired(): Promise<number> }): void {
  const free = () =>
    store.deleteExpired().catch((error) => console.error(`Expired sessions: ${reason(error)}`));
  setInterval(free, 10 * 60 * 1000).unref();
}

/** A client that goes on trying would keep the service waiting for ever. */
async function firstConnection(connected: Promise<unknown>, giveUp: () => void): Promise<void> {
  const failed = new Promise<never>((_, reject) => {
    setTimeout(() => reject(new Error('no connection within 2 s')), 2000).unref();
  });
  await Promise.race([connected, failed]).catch((error) => {
    giveUp();
    throw error;
  });
}

function reason(error: unknown): string {
  const { code, message } = error as { code?: string; message?: string };
  return message || code || String(error);
}
