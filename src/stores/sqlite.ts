import { checkOptions } from '../check-options.js';
import type { SessionAssociations, SessionInfo } from '../session-info.js';
import type { SessionStore } from '../session-store.js';
import { fromRecord, type SessionRecord } from './shared/session-record.js';
import { type SessionTimeouts, timeoutRules, withDefaultTimeouts } from './shared/session-timeouts.js';

/** The options of {@link createSqliteStore}: the two timeouts. */
export interface SqliteStoreOptions extends SessionTimeouts {}

/** What the store needs of a database: `DatabaseSync` of node:sqlite, and `Database` of better-sqlite3 and libsql, have it. */
export interface SqliteDatabase {
  /** Runs statements that give no rows. Throws when one fails. */
  exec(sql: string): unknown;
  /** Makes a statement to be run many times. Throws when it can't be compiled. */
  prepare(sql: string): SqliteStatement;
}

/** What {@link SqliteDatabase} prepares. */
export interface SqliteStatement {
  /** Runs the statement with these values, strings or `null`, and answers its rows as objects. Throws when it fails. */
  // biome-ignore lint/suspicious/noExplicitAny: to a narrower type those of better-sqlite3 and libsql are not assignable
  all(...values: any[]): unknown[];
}

/** A {@link SessionStore} in a file of SQLite, and the care of its table. */
export interface SqliteStore extends SessionStore {
  /**
   * Makes the table and its index where they are missing, and puts the file in WAL mode, where readers never wait. It waits for
   * others that do so at once, up to 5 s, whatever the connection's own `timeout`: call it before the first request.
   * Throws as the database does, and an Error for a file in UTF-16.
   */
  migrate(): void;
  /**
   * Removes the rows of expired sessions, and answers how many. Nothing needs it but the disk: call it now and then. Throws as
   * the database does.
   */
  deleteExpired(): number;
}

/**
 * Keeps sessions in a file of SQLite 3.42 or later, for the processes of one machine.
 *
 * ```ts
 * createSqliteStore(new DatabaseSync('sessions.db', { timeout: 10 }))  // node:sqlite
 * createSqliteStore(new Database('sessions.db', { timeout: 10 }))      // better-sqlite3, libsql
 * ```
 *
 * It answers at once: a call blocks the process while the disk works, and while another process writes, for as long as
 * `timeout` allows; then it throws SQLITE_BUSY. Keep that time short: nothing can interrupt it, and calls that all wait add it
 * up. Give the store a connection of its own: it throws when it has to write while a transaction of somebody else is open.
 * Times are SQLite's, the machine's clock when the lock is held. A use that would move the deadline by less than 5 % of
 * `idleTimeout` writes nothing. Throws a TypeError for a wrong option.
 */
export function createSqliteStore(database: SqliteDatabase, options: SqliteStoreOptions = {}): SqliteStore {
  if (typeof database?.prepare !== 'function' || typeof database.exec !== 'function') {
    throw new TypeError(
      'createSqliteStore: database must have exec(sql) and prepare(sql); pass a DatabaseSync of node:sqlite or a Database of better-sqlite3 or libsql, options second',
    );
  }
  checkOptions('createSqliteStore', options, timeoutRules);
  const sql = statements(withDefaultTimeouts(options));
  const prepared = new Map<string, SqliteStatement>();

  /** Prepared at its first use, when `migrate` has made the table. */
  function firstRow(text: string, ...values: (string | null)[]): unknown {
    const statement = prepared.get(text) ?? database.prepare(text);
    prepared.set(text, statement);
    return statement.all(...values)[0];
  }

  /**
   * A transaction round a single statement, because the lock and the COMMIT can fail, and only `exec` deals with both: `get`
   * does not hear of a COMMIT that fails after its row, and a statement of libsql 0.5 that met a lock stays half done, so that
   * what the connection writes next is answered but not committed (tursodatabase/libsql-js#238).
   */
  function write<Value>(task: () => Value): Value {
    database.exec('BEGIN IMMEDIATE');
    try {
      const value = task();
      database.exec('COMMIT');
      return value;
    } catch (error) {
      rollBack(database);
      throw error;
    }
  }

  return {
    create: (sessionId, associations) =>
      toSessionInfo(
        sessionId,
        write(() => firstRow(sql.create, ...columnsOf(associations), sessionId)),
      ),
    get(sessionId) {
      const row = firstRow(sql.get, sessionId) as { due: number } | undefined;
      return toSessionInfo(sessionId, row?.due ? write(() => firstRow(sql.extend, sessionId)) : row);
    },
    update: (sessionId, associations) =>
      toSessionInfo(
        sessionId,
        write(() => firstRow(sql.update, ...columnsOf(associations), sessionId)),
      ),
    delete(sessionId) {
      const row = write(() => firstRow(sql.delete, sessionId)) as { live: number } | undefined;
      return Boolean(row?.live);
    },
    migrate() {
      checkEncoding(database);
      waitingForLocks(database, () => {
        setWalMode(database, () => write(() => undefined));
        write(() => database.exec(sqliteSchema));
      });
    },
    deleteExpired: () =>
      write(() => {
        database.exec(sql.deleteExpired);
        return Number((firstRow('SELECT changes() AS count') as { count: number | bigint }).count);
      }),
  };
}

/** The SQL that makes the table and its index where they are missing, for a migration tool. */
export const sqliteSchema: string = `
CREATE TABLE IF NOT EXISTS session_info (
  session_id TEXT PRIMARY KEY NOT NULL,
  agent_id TEXT,
  customer_id TEXT,
  visit_id TEXT,
  global_visit_id TEXT,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS session_info_expires_at_idx ON session_info (expires_at);
`.trim();

function statements({ idleTimeout, absoluteTimeout }: { idleTimeout: number; absoluteTimeout: number }) {
  // One moment throughout a statement, read after its lock is held. In ms; `subsec` is a REAL of seconds.
  const now = `CAST(round(unixepoch('subsec') * 1000) AS INTEGER)`;
  const deadline = `min(${now} + ${idleTimeout}, created_at + ${absoluteTimeout})`;
  // `expires_at` goes by the timeouts under which the session was last used, which may have been longer.
  const live = `(expires_at > ${now} AND created_at + ${absoluteTimeout} > ${now})`;
  const session = `agent_id AS agentId, customer_id AS customerId, visit_id AS visitId, global_visit_id AS globalVisitId,
  created_at AS createdAt, updated_at AS updatedAt`;
  return {
    create: `INSERT INTO session_info
  (agent_id, customer_id, visit_id, global_visit_id, session_id, created_at, updated_at, expires_at)
VALUES (?, ?, ?, ?, ?, ${now}, ${now}, ${now} + ${Math.min(idleTimeout, absoluteTimeout)})
ON CONFLICT (session_id) DO UPDATE SET
  agent_id = excluded.agent_id, customer_id = excluded.customer_id, visit_id = excluded.visit_id,
  global_visit_id = excluded.global_visit_id, created_at = excluded.created_at, updated_at = excluded.updated_at,
  expires_at = excluded.expires_at
  WHERE NOT ${live}
RETURNING ${session}`,
    get: `SELECT ${session}, ${deadline} - expires_at >= ${idleTimeout / 20} OR expires_at > ${deadline} AS due
FROM session_info WHERE session_id = ? AND ${live}`,
    extend: `UPDATE session_info SET expires_at = ${deadline} WHERE session_id = ? AND ${live}
RETURNING ${session}`,
    update: `UPDATE session_info SET
  agent_id = coalesce(?, agent_id), customer_id = coalesce(?, customer_id), visit_id = coalesce(?, visit_id),
  global_visit_id = coalesce(?, global_visit_id), updated_at = ${now}, expires_at = ${deadline}
WHERE session_id = ? AND ${live}
RETURNING ${session}`,
    delete: `DELETE FROM session_info WHERE session_id = ? RETURNING ${live} AS live`,
    deleteExpired: `DELETE FROM session_info WHERE expires_at <= ${now}`,
  };
}

function columnsOf({ agentId, customerId, visitId, globalVisitId }: SessionAssociations): (string | null)[] {
  return [agentId ?? null, customerId ?? null, visitId ?? null, globalVisitId ?? null];
}

function toSessionInfo(sessionId: string, row: unknown): SessionInfo | undefined {
  return row === undefined ? undefined : fromRecord(sessionId, row as SessionRecord);
}

function rollBack(database: SqliteDatabase): void {
  try {
    database.exec('ROLLBACK');
  } catch {
    // SQLite has rolled back by itself, as it does on a full disk.
  }
}

/** In UTF-16, SQLite makes U+FFFD of U+FFFE and U+FFFF, which a value may have. */
function checkEncoding(database: SqliteDatabase): void {
  const [{ encoding }] = database.prepare('PRAGMA encoding').all() as [{ encoding: string }];
  if (encoding !== 'UTF-8') {
    throw new Error(
      `createSqliteStore: the file is in ${encoding}; use a file of the default encoding, UTF-8`,
    );
  }
}

const MIGRATE_TIMEOUT = 5000;

/** Lets the connection wait for locks for as long as a task takes, more than it may while it serves requests. */
function waitingForLocks(database: SqliteDatabase, task: () => void): void {
  const [{ timeout }] = database.prepare('PRAGMA busy_timeout').all() as [{ timeout: number | bigint }];
  database.exec(`PRAGMA busy_timeout = ${MIGRATE_TIMEOUT}`);
  try {
    task();
  } finally {
    database.exec(`PRAGMA busy_timeout = ${timeout}`);
  }
}

/** SQLite does not wait for the lock that this takes, as it does for that of a transaction, when others set it at once. */
function setWalMode(database: SqliteDatabase, waitForLock: () => void): void {
  for (let attempt = 1; ; attempt++) {
    try {
      database.exec('PRAGMA journal_mode = WAL');
      return;
    } catch (error) {
      if (attempt === 5) throw error;
      waitForLock();
    }
  }
}
