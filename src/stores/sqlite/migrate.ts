import type { SqliteDatabase } from './database.js';
import { sqliteSchema } from './schema.js';
import { write } from './write.js';

/** Applies {@link sqliteSchema}, in WAL mode, and waits for other processes that do so at the same time. */
export function migrate(database: SqliteDatabase): void {
  waitingForLocks(database, () => {
    checkEncoding(database);
    setWalMode(database);
    write(database, () => database.exec(sqliteSchema));
  });
}

/** In UTF-16, SQLite makes U+FFFD of U+FFFE and U+FFFF, which a value may have. */
function checkEncoding(database: SqliteDatabase): void {
  const [{ encoding }] = database.prepare('PRAGMA encoding').all() as [{ encoding: string }];
  if (encoding !== 'UTF-8') {
    throw new Error(`createSqliteStore: the encoding of the file is ${encoding}; use the default, UTF-8`);
  }
}

/** In ms: another process may be adding an index to a table of millions of rows. */
const LOCK_TIMEOUT = 60_000;

/** Lets the connection wait for locks longer than it may while it serves requests. */
function waitingForLocks(database: SqliteDatabase, task: () => void): void {
  const [{ timeout }] = database.prepare('PRAGMA busy_timeout').all() as [{ timeout: number | bigint }];
  database.exec(`PRAGMA busy_timeout = ${LOCK_TIMEOUT}`);
  try {
    task();
  } finally {
    database.exec(`PRAGMA busy_timeout = ${timeout}`);
  }
}

/** SQLite does not wait for the lock that this takes when several connections set it at once, as it does for a transaction's. */
function setWalMode(database: SqliteDatabase): void {
  for (let attempt = 1; ; attempt++) {
    try {
      database.exec('PRAGMA journal_mode = WAL');
      return;
    } catch (error) {
      if (attempt === 5) throw error;
      write(database, () => undefined);
    }
  }
}
