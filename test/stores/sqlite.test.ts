import { execFile, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createRequire, isBuiltin } from 'node:module';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import Database from 'libsql';
import { afterAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { createSqliteStore, type SqliteDatabase, sqliteSchema } from '../../src/stores/sqlite.js';
import { sessionStoreCases } from '../../src/testing/index.js';
import { temporaryFolder } from '../servers/server-process.js';
import { expectShorterTimeoutsToHold } from './shorter-timeouts.js';

type OpenDatabase = (file: string, timeout?: number) => SqliteDatabase & { close(): unknown };

const folder = temporaryFolder('sqlite');
afterAll(folder.remove);
const newFile = () => join(folder.path, `${randomUUID()}.db`);

const openLibsql: OpenDatabase = (file, timeout = 0) => new Database(file, { timeout });

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
          for (const value of values) expect(value === null || typeof value === 'string').toBe(true);
          return statement.all(...values);
        },
      };
    },
  };
};

describe.each([
  ['libsql', openLibsql, false],
  ['the interface of better-sqlite3', openStrict, false],
  ['node:sqlite', openNodeSqlite, !isBuiltin('node:sqlite')],
] as const)('createSqliteStore with %s', (_, open, skipped) => {
  describe.skipIf(skipped)('', () => {
    let kept: ReturnType<OpenDatabase> | undefined;
    afterAll(() => kept?.close());
    const createStore = (timeouts: object) => {
      if (kept) return createSqliteStore(kept, timeouts);
      kept = open(newFile());
      kept.exec('PRAGMA synchronous = OFF');
      const store = createSqliteStore(kept, timeouts);
      store.migrate();
      return store;
    };
    for (const { name, run } of sessionStoreCases(createStore)) it.concurrent(name, run);

    let database: ReturnType<OpenDatabase>;
    let other: ReturnType<OpenDatabase>;
    beforeEach(() => {
      const file = newFile();
      database = open(file, 50);
      other = open(file, 50);
      createSqliteStore(database).migrate();
      // Constants, because a beforeEach of the concurrent cases above may have set the variables again by then.
      const opened = [database, other];
      return () => {
        for (const each of opened) each.close();
      };
    });

    const rows = () => other.prepare('SELECT * FROM session_info').all();

    it('writes nothing on a read before 5 % of the idle timeout, and the new deadline after', async () => {
      const store = createSqliteStore(database, { idleTimeout: 4000 });
      store.create('id', {});
      const created = rows();
      store.get('id');
      expect(rows()).toEqual(created);
      await sleep(250);
      store.get('id');
      const [before, after] = [created[0], rows()[0]] as { expires_at: number }[];
      expect((after?.expires_at ?? 0) - (before?.expires_at ?? 0)).toBeGreaterThanOrEqual(200);
      expect({ ...after, expires_at: 0 }).toEqual({ ...before, expires_at: 0 });
    });

    it('holds a session to timeouts that are shorter than those it was made under', () =>
      expectShorterTimeoutsToHold((timeouts) => createSqliteStore(database, timeouts)));

    it('refuses a file in UTF-16, which would change some values', () => {
      const foreign = open(newFile());
      foreign.exec("PRAGMA encoding = 'UTF-16'");
      foreign.exec('CREATE TABLE other (id TEXT)');
      const message = 'the file is in UTF-16le; use a file of the default encoding, UTF-8';
      expect(() => createSqliteStore(foreign).migrate()).toThrow(message);
      expect(foreign.prepare("SELECT name FROM sqlite_master WHERE name = 'session_info'").all()).toEqual([]);
      foreign.close();
    });

    it('takes over the row of an expired session, and keeps nothing of it', async () => {
      const store = createSqliteStore(database, { idleTimeout: 20 });
      store.create('id', { agentId: 'a', customerId: 'c', visitId: 'v', globalVisitId: 'g' });
      await sleep(40);
      expect(store.create('id', { visitId: 'new' })).toMatchObject({ visitId: 'new' });
      expect(rows()).toMatchObject([
        { agent_id: null, customer_id: null, visit_id: 'new', global_visit_id: null },
      ]);
    });

    it('removes the row of an expired session on delete, and answers that no session was ended', async () => {
      const store = createSqliteStore(database, { idleTimeout: 20 });
      store.create('id', {});
      await sleep(40);
      expect(store.delete('id')).toBe(false);
      expect(rows()).toEqual([]);
    });

    it('deletes the expired sessions only', async () => {
      const short = createSqliteStore(database, { idleTimeout: 20 });
      const long = createSqliteStore(other);
      for (const id of ['1', '2', '3']) short.create(id, {});
      long.create('live', {});
      await sleep(40);
      expect(long.deleteExpired()).toBe(3);
      expect(long.deleteExpired()).toBe(0);
      expect(long.get('live')).toMatchObject({ sessionId: 'live' });
    });

    it('puts the file in WAL mode, and may migrate again', () => {
      createSqliteStore(other).migrate();
      expect(other.prepare('PRAGMA journal_mode').all()).toMatchObject([{ journal_mode: 'wal' }]);
    });

    it('waits in migrate for others, and never longer than it was told afterwards', async () => {
      const file = newFile();
      const fresh = open(file, 7);
      onTestFinished(() => void fresh.close());
      await holdWriteLock(file, 300);
      createSqliteStore(fresh).migrate();
      expect(fresh.prepare('PRAGMA busy_timeout').all()).toMatchObject([{ timeout: 7 }]);
    });

    it('tries again when others put the file in WAL mode at the same moment', () => {
      let refused = 0;
      const contended = {
        prepare: (sql: string) => database.prepare(sql),
        exec(sql: string) {
          if (sql.includes('journal_mode') && refused++ < 3) throw new Error('database is locked');
          return database.exec(sql);
        },
      };
      createSqliteStore(contended).migrate();
      expect(refused).toBe(4);
      refused = -100;
      expect(() => createSqliteStore(contended).migrate()).toThrow('database is locked');
    });

    it('runs on a table that sqliteSchema made', () => {
      const made = open(newFile());
      onTestFinished(() => void made.close());
      made.exec(sqliteSchema);
      expect(createSqliteStore(made).create('id', {})).toMatchObject({ sessionId: 'id' });
    });

    it('reads while another connection writes, and throws when it has to write', () => {
      const store = createSqliteStore(database);
      store.create('id', {});
      other.exec('BEGIN IMMEDIATE');
      expect(store.get('id')).toMatchObject({ sessionId: 'id' });
      for (const call of [
        () => store.create('new', {}),
        () => store.update('id', {}),
        () => store.delete('id'),
        () => store.deleteExpired(),
      ]) {
        expect(call).toThrow('database is locked');
      }
      other.exec('ROLLBACK');
    });

    it('commits what it answers after it met a lock', () => {
      const store = createSqliteStore(database);
      store.create('id', {});
      other.exec('BEGIN IMMEDIATE');
      expect(() => store.update('id', { agentId: 'lost' })).toThrow('database is locked');
      other.exec('ROLLBACK');
      store.create('next', { agentId: 'kept' });
      expect(rows()).toMatchObject([
        { session_id: 'id', agent_id: null },
        { session_id: 'next', agent_id: 'kept' },
      ]);
      createSqliteStore(other).create('another', {});
    });

    it('throws when the COMMIT fails, and goes on afterwards', () => {
      const store = createSqliteStore(database);
      database.exec(`PRAGMA foreign_keys = ON;
        CREATE TABLE parent (id INTEGER PRIMARY KEY);
        CREATE TABLE child (id INTEGER REFERENCES parent DEFERRABLE INITIALLY DEFERRED);
        CREATE TRIGGER fails_at_commit AFTER INSERT ON session_info BEGIN INSERT INTO child VALUES (1); END`);
      expect(() => store.create('id', {})).toThrow('FOREIGN KEY');
      expect(rows()).toEqual([]);
      database.exec('DROP TRIGGER fails_at_commit');
      expect(store.create('id', {})).toMatchObject({ sessionId: 'id' });
      expect(rows()).toHaveLength(1);
    });

    it('does not write into the open transaction of somebody else', () => {
      const store = createSqliteStore(database);
      database.exec('BEGIN');
      expect(() => store.create('id', {})).toThrow('within a transaction');
      database.exec('COMMIT');
      expect(rows()).toEqual([]);
    });
  });
});

/** Another process takes the write lock of a file for so many ms. Resolves when it has it. */
async function holdWriteLock(file: string, ms: number): Promise<void> {
  const script = `const database = new (require('libsql'))(${JSON.stringify(file)});
    database.exec('BEGIN IMMEDIATE; CREATE TABLE held (id INTEGER)');
    process.stdout.write('held', () => setTimeout(() => database.exec('COMMIT'), ${ms}));`;
  const child = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => void child.kill());
  await once(child.stdout, 'data', { signal: AbortSignal.timeout(20_000) });
}

describe('createSqliteStore', () => {
  it('serves several processes on one file, which all migrate it at once', { retry: 0 }, async () => {
    const file = newFile();
    const script = fileURLToPath(new URL('sqlite-process.ts', import.meta.url));
    const start = `${Date.now() + 3000}`;
    const members = ['agentId', 'customerId', 'visitId', 'globalVisitId'];
    const counts = await Promise.all(
      members.map(async (MEMBER) => {
        const env = { ...process.env, MEMBER, NODE_OPTIONS: '' };
        const args = ['--import', 'tsx', script, file, start];
        const { stdout } = await promisify(execFile)(process.execPath, args, { env, timeout: 45_000 });
        return JSON.parse(stdout) as { created: number; updated: number };
      }),
    );
    expect(counts.map(({ updated }) => updated)).toEqual([200, 200, 200, 200]);
    expect(counts.reduce((sum, { created }) => sum + created, 0)).toBe(200);
    const database = openLibsql(file);
    const store = createSqliteStore(database);
    for (let i = 0; i < 200; i++) {
      const all = Object.fromEntries(members.map((member) => [member, `${i}`]));
      expect(store.get(`shared-${i}`)).toMatchObject(all);
    }
    database.close();
  });

  const database = { exec() {}, prepare: () => ({ all: () => [] }) };
  it.each([
    [undefined, {}, 'createSqliteStore: database must have exec(sql) and prepare(sql); pass a DatabaseSync'],
    ['sessions.db', {}, 'createSqliteStore: database must have exec(sql) and prepare(sql)'],
    [database, { table: 'x' }, 'createSqliteStore: unknown option "table"; use idleTimeout, absoluteTimeout'],
    [database, { idleTimeout: 1.5 }, 'createSqliteStore: option "idleTimeout" must be a whole number'],
  ])('throws for a wrong argument, with how to mend it: %j %j', (given, options, message) => {
    expect(() => createSqliteStore(given as never, options as never)).toThrow(message);
  });
});
