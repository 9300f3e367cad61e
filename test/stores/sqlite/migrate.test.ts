import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { createSqliteStore, sqliteSchema } from '../../../src/stores/sqlite.js';
import { ALL_VARIANTS } from '../../variants.js';
import { engines, type OpenDatabase, openLibsql, useFiles } from './databases.js';

const newFile = useFiles();

describe.each(engines)('migrate with %s', (_, open, skipped) => {
  describe.skipIf(skipped)('', () => {
    let database: ReturnType<OpenDatabase>;
    let other: ReturnType<OpenDatabase>;
    beforeEach(() => {
      const file = newFile();
      database = open(file, 50);
      other = open(file, 50);
      createSqliteStore(database).migrate();
      return () => {
        database.close();
        other.close();
      };
    });

    it('refuses a file in UTF-16, which would change some values', () => {
      const foreign = open(newFile());
      foreign.exec("PRAGMA encoding = 'UTF-16'");
      foreign.exec('CREATE TABLE other (id TEXT)');
      const message = 'the encoding of the file is UTF-16le; use the default, UTF-8';
      expect(() => createSqliteStore(foreign).migrate()).toThrow(message);
      expect(foreign.prepare("SELECT name FROM sqlite_master WHERE name = 'session_info'").all()).toEqual([]);
      foreign.close();
    });

    it('puts the file in WAL mode, and may run again', () => {
      createSqliteStore(other).migrate();
      expect(other.prepare('PRAGMA journal_mode').all()).toMatchObject([{ journal_mode: 'wal' }]);
    });

    it('waits for others, and leaves the timeout of the connection as it was', async () => {
      const file = newFile();
      const fresh = open(file, 7);
      onTestFinished(() => void fresh.close());
      await holdWriteLock(file, 300);
      createSqliteStore(fresh).migrate();
      expect(fresh.prepare('PRAGMA busy_timeout').all()).toMatchObject([{ timeout: 7 }]);
    });

    it('tries again if others put the file in WAL mode at the same moment', () => {
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

    it('is not needed after sqliteSchema', () => {
      const made = open(newFile());
      onTestFinished(() => void made.close());
      made.exec(sqliteSchema);
      expect(createSqliteStore(made).create('id', {})).toMatchObject({ sessionId: 'id' });
    });

    it('adds the index of customers to a table that exists', () => {
      const old = open(newFile());
      onTestFinished(() => void old.close());
      const [table = ''] = sqliteSchema.split(';');
      old.exec(table);
      const store = createSqliteStore(old);
      store.create('id', { customerId: 'c' });
      store.migrate();
      expect(store.listByCustomer('c')).toMatchObject([{ sessionId: 'id' }]);
      const indexes = old
        .prepare("SELECT name FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL ORDER BY name")
        .all();
      expect(indexes).toMatchObject([
        { name: 'session_info_customer_id_idx' },
        { name: 'session_info_expires_at_idx' },
      ]);
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
  it.runIf(ALL_VARIANTS)('serves several processes on one file, which all migrate it at once', async () => {
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
});
