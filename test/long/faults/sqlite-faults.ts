import Database from 'libsql';
import { createSqliteStore } from '../../../src/stores/sqlite.js';
import type { App } from './app-process.js';
import type { Fault } from './run-fault.js';

/** The file may not grow. */
export const quotaUsedUp: Fault = {
  name: 'quota used up',
  // SQLite takes what it has already in place of less.
  begin: async (apps) => void (await sql(apps, 'PRAGMA max_page_count = 1')),
  end: async (apps) => void (await sql(apps, 'PRAGMA max_page_count = 1000000')),
  seen: /FULL/,
  blocks: true,
};

/** Another connection has the file for itself. */
export function lockedByAnother(file: string): Fault {
  let other: Database.Database;
  return {
    name: 'write lock held by another',
    begin() {
      other = new Database(file, { timeout: 1000 });
      other.exec('BEGIN IMMEDIATE');
    },
    end() {
      if (other.inTransaction) other.exec('ROLLBACK');
      other.close();
    },
    seen: /BUSY/,
    blocks: true,
  };
}

/** Makes the table in a file. */
export function migrate(file: string): void {
  const database = new Database(file);
  createSqliteStore(database).migrate();
  database.close();
}

const sql = (apps: readonly App[], text: string) => Promise.all(apps.map((app) => app.disturb(text)));
