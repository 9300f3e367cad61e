/** What the store needs of a database: `DatabaseSync` of node:sqlite, and `Database` of better-sqlite3 and libsql, have it. */
export interface SqliteDatabase {
  /** Runs statements that return no rows. Throws when one fails. */
  exec(sql: string): unknown;
  /** Prepares a statement to be run many times. Throws when it can't be compiled. */
  prepare(sql: string): SqliteStatement;
}

/** What {@link SqliteDatabase} prepares. */
export interface SqliteStatement {
  /** Runs the statement with these values, strings or `null`, and returns its rows as objects. Throws when it fails. */
  // biome-ignore lint/suspicious/noExplicitAny: to a narrower type those of better-sqlite3 and libsql are not assignable
  all(...values: any[]): unknown[];
}
