import { randomUUID } from 'node:crypto';
import { createRequire, isBuiltin } from 'node:module';
import { join } from 'node:path';
import Database from 'libsql';
import { afterAll } from 'vitest';
import type { SqliteDatabase } from '../../../src/stores/sqlite.js';
import { temporaryFolder } from '../../servers/server-process.js';

export type OpenDatabase = (file: string, timeout?: number) => SqliteDatabase & { close(): unknown };

/** Gives paths of new files, which are removed after the tests of a file. */
export function useFiles(): () => string {
  const folder = temporaryFolder('sqlite');
  afterAll(folder.remove);
  return () => join(folder.path, `${randomUUID()}.db`);
}

export const openLibsql: OpenDatabase = (file, timeout = 0) => new Database(file, { timeout });

const openNodeSqlite: OpenDatabase = (file, timeout = 0) => {
  const { DatabaseSync } = createRequire(import.meta.url)('node:sqlite');
  return new DatabaseSync(file, { timeout });
};

/** libsql, which has better-sqlite3's interface, as strict as better-sqlite3 is about what a statement may be asked. */
const openStrict: OpenDatabase = (file, timeout = 0) => {
  const database = new Database(file, { timeout });
  return {
    exec: (sql) => database.exec(sql),
    close: () => database.close(),
    prepare(sql) {
      const statement = database.prepare(sql);
      return {
        all(...values) {
          if (!statement.reader)
            throw new TypeError('This statement does not return data. Use run() instead');
          const isBound = values.every((value) => value === null || typeof value === 'string');
          if (!isBound) throw new TypeError('SQLite3 can only bind strings and null');
          return statement.all(...values);
        },
      };
    },
  };
};

/** Each with whether this version of Node lacks it. */
export const engines: [string, OpenDatabase, boolean][] = [
  ['libsql', openLibsql, false],
  ['the interface of better-sqlite3', openStrict, false],
  ['node:sqlite', openNodeSqlite, !isBuiltin('node:sqlite')],
];
