import { setTimeout as sleep } from 'node:timers/promises';
import { checkOptions } from '../check-options.js';
import type { SessionInfo } from '../session-info.js';
import type { CustomerSessions, SessionStore } from '../session-store.js';
import { checkCustomerCall } from './shared/check-customer-call.js';
import { changesOf, columnsOf } from './shared/columns.js';
import { listLimit } from './shared/list-limit.js';
import { fromRecord, type SessionRecord } from './shared/session-record.js';
import { type SessionTimeouts, timeoutRules, withDefaultTimeouts } from './shared/session-timeouts.js';
import type { SqliteDatabase, SqliteStatement } from './sqlite/database.js';
import { migrate } from './sqlite/migrate.js';
import { DELETE_BATCH, statements } from './sqlite/statements.js';
import { write } from './sqlite/write.js';

export type { SqliteDatabase, SqliteStatement } from './sqlite/database.js';
export { sqliteSchema } from './sqlite/schema.js';

/** The options of {@link createSqliteStore}: the two timeouts. */
export interface SqliteStoreOptions extends SessionTimeouts {}

/** A {@link SessionStore} with {@link CustomerSessions} in a file of SQLite, and the care of its table. */
export interface SqliteStore extends SessionStore, CustomerSessions {
  /**
   * Creates the table and its indexes where they are missing, and puts the file in WAL mode, where readers never wait. It waits
   * for other processes that do so at the same time, up to a minute, whatever the connection's own `timeout`: call it before
   * the first request. Throws as the database does, and an Error for a file in UTF-16.
   */
  migrate(): void;
  /**
   * Deletes the rows of expired sessions, and resolves with their number. Only the disk needs it: call it now and then, in any number of processes. It
   * works in small batches with pauses between them, in which this process and others go on. Rejects as the database throws; what
   * it has deleted by then stays deleted.
   */
  deleteExpired(): Promise<number>;
}

/**
 * Stores sessions in a file of SQLite 3.42 or later, for the processes of one machine.
 *
 * ```ts
 * createSqliteStore(new DatabaseSync('sessions.db', { timeout: 10 }))  // node:sqlite
 * createSqliteStore(new Database('sessions.db', { timeout: 10 }))      // better-sqlite3, libsql
 * ```
 *
 * It returns values, not promises: a call blocks the process while the disk works, and while another process writes, for as long as
 * `timeout` allows; then it throws SQLITE_BUSY. Keep that time short: nothing can interrupt it, and the waits of several calls add
 * up. Give the store a connection of its own: it throws if it has to write while another transaction is open on its connection.
 * Times are SQLite's: the machine's clock when the lock is held. Activity that would move the deadline by less than 5 % of
 * `idleTimeout` writes nothing. Throws a TypeError for a wrong option.
 */
export function createSqliteStore(database: SqliteDatabase, unchecked: SqliteStoreOptions = {}): SqliteStore {
  if (typeof database?.prepare !== 'function' || typeof database.exec !== 'function') {
    throw new TypeError(
      'createSqliteStore: database must have exec(sql) and prepare(sql); pass a DatabaseSync of node:sqlite or a Database of better-sqlite3 or libsql, options second',
    );
  }
  const options = checkOptions('createSqliteStore', unchecked, timeoutRules);
  const sql = statements(withDefaultTimeouts(options));
  const prepared = new Map<string, SqliteStatement>();

  /** Prepared at its first use, after `migrate` has created the table. */
  function rows(text: string, ...values: (string | null)[]): unknown[] {
    const statement = prepared.get(text) ?? database.prepare(text);
    prepared.set(text, statement);
    return statement.all(...values);
  }

  function writeSession(text: string, ...values: (string | null)[]): SessionInfo | undefined {
    return write(database, () => rows(text, ...values)).map(toSessionInfo)[0];
  }

  return {
    create: (sessionId, associations) => writeSession(sql.create, ...columnsOf(associations), sessionId),
    get(sessionId) {
      const [row] = rows(sql.get, sessionId) as { due: number }[];
      return row?.due ? writeSession(sql.extend, sessionId) : row && toSessionInfo(row);
    },
    peek: (sessionId) => rows(sql.peek, sessionId).map(toSessionInfo)[0],
    update: (sessionId, changes) => writeSession(sql.update, ...changesOf(changes), sessionId),
    delete(sessionId) {
      const [row] = write(database, () => rows(sql.delete, sessionId)) as { live: number }[];
      return Boolean(row?.live);
    },
    listByCustomer: (customerId, listOptions) =>
      rows(sql.listByCustomer, customerId, `${listLimit(customerId, listOptions)}`).map(toSessionInfo),
    deleteByCustomer(customerId, deleteOptions) {
      const { except } = checkCustomerCall('deleteByCustomer', customerId, deleteOptions);
      return write(database, () => rows(sql.deleteByCustomer, customerId, except ?? null)).length;
    },
    migrate: () => migrate(database),
    async deleteExpired() {
      for (let total = 0; ; ) {
        const start = performance.now();
        const { length } = write(database, () => rows(sql.deleteExpired));
        total += length;
        if (length < DELETE_BATCH) return total;
        // As long as it held the write lock, which those who wait for it find free at moments only.
        await sleep(performance.now() - start);
      }
    },
  };
}

function toSessionInfo(row: unknown): SessionInfo {
  const record = row as SessionRecord & { sessionId: string };
  return fromRecord(record.sessionId, record);
}
