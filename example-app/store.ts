import { createMemoryStore, type SessionStore } from 'express-session-info';

/** A store, what to call it on the screen, and how to close the connection under it. */
export interface OpenStore {
  readonly store: SessionStore;
  readonly name: string;
  readonly close: () => Promise<void>;
}

/**
 * The store that the environment asks for: in memory unless one of `REDIS_URL`, `DATABASE_URL` and `SQLITE_FILE` is set.
 * Throws an Error when it asks for one that this example can't open.
 */
export async function openStore(env: NodeJS.ProcessEnv): Promise<OpenStore> {
  const asked = BACKENDS.filter(({ variable }) => env[variable]);
  if (asked.length > 1)
    throw new Error(`Set only one of ${asked.map(({ variable }) => variable).join(' and ')}`);
  const [backend] = asked;
  if (backend) return backend.open(env[backend.variable] as string);
  return { store: createMemoryStore(), name: 'sessions in memory', close: async () => {} };
}

interface Backend {
  readonly variable: string;
  readonly open: (address: string) => Promise<OpenStore>;
}

const BACKENDS: readonly Backend[] = [
  { variable: 'REDIS_URL', open: notYet('REDIS_URL', 'Redis') },
  { variable: 'DATABASE_URL', open: notYet('DATABASE_URL', 'Postgres') },
  { variable: 'SQLITE_FILE', open: notYet('SQLITE_FILE', 'SQLite') },
];

function notYet(variable: string, backend: string): Backend['open'] {
  return async () => {
    throw new Error(
      `${variable} is set, but this version has no ${backend} store. Unset it to keep sessions in memory.`,
    );
  };
}
