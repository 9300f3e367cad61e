import type { SqliteDatabase } from './database.js';

/**
 * Runs a task in a transaction that has the write lock from its start.
 *
 * A single statement needs one too, because the lock and the COMMIT can fail, and only `exec` deals with both: `get` of
 * better-sqlite3 does not report a COMMIT that fails after its row, and a statement of libsql 0.5 that met a lock stays half done, so
 * that what the connection writes next is confirmed but not committed (tursodatabase/libsql-js#238).
 */
export function write<Value>(database: SqliteDatabase, task: () => Value): Value {
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

function rollBack(database: SqliteDatabase): void {
  try {
    database.exec('ROLLBACK');
  } catch {
    // SQLite has rolled back by itself, as it does on a full disk.
  }
}
