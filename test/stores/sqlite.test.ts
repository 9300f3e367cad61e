import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { withDefaultTimeouts } from '../../src/stores/shared/session-timeouts.js';
import { statements } from '../../src/stores/sqlite/statements.js';
import { createSqliteStore } from '../../src/stores/sqlite.js';
import { customerSessionsCases, sessionStoreCases } from '../../src/testing/index.js';
import { variants } from '../variants.js';
import { expectShorterTimeoutsToHold } from './shorter-timeouts.js';
import { engines, type OpenDatabase, useFiles } from './sqlite/databases.js';

const newFile = useFiles();
const queries = statements(withDefaultTimeouts({}));

describe.each(variants(engines))('createSqliteStore with %s', (_, open, skipped) => {
  // By themselves, because a beforeEach would run for each of these cases too, and its writes would stall the others.
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
    for (const { name, run } of customerSessionsCases(createStore)) it.concurrent(name, run);
  });

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

    it('holds a session to timeouts that are shorter than those it was created under', () =>
      expectShorterTimeoutsToHold((timeouts) => createSqliteStore(database, timeouts)));

    it('takes over the row of an expired session, and keeps nothing of it', async () => {
      const store = createSqliteStore(database, { idleTimeout: 20 });
      store.create('id', { agentId: 'a', customerId: 'c', visitId: 'v', globalVisitId: 'g' });
      await sleep(40);
      expect(store.create('id', { visitId: 'new' })).toMatchObject({ visitId: 'new' });
      expect(rows()).toMatchObject([
        { agent_id: null, customer_id: null, visit_id: 'new', global_visit_id: null },
      ]);
    });

    it('removes the row of an expired session on delete, and returns that no session was ended', async () => {
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
      expect(await long.deleteExpired()).toBe(3);
      expect(await long.deleteExpired()).toBe(0);
      expect(long.get('live')).toMatchObject({ sessionId: 'live' });
    });

    it('deletes expired sessions in batches, between which others write', async () => {
      database.exec(`WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 250)
        INSERT INTO session_info SELECT 'id-' || i, NULL, 'c', NULL, NULL, 1, 1, 1 FROM n`);
      const deleting = createSqliteStore(database).deleteExpired();
      expect(rows()).toHaveLength(150);
      createSqliteStore(other).create('meanwhile', {});
      expect(await deleting).toBe(250);
      expect(rows()).toMatchObject([{ session_id: 'meanwhile' }]);
    });

    it('looks at a session and lists it without a write, however old its deadline', async () => {
      const store = createSqliteStore(database, { idleTimeout: 4000 });
      store.create('id', { customerId: 'c' });
      const created = rows();
      await sleep(250);
      expect(store.peek('id')).toMatchObject({ customerId: 'c' });
      expect(store.listByCustomer('c')).toHaveLength(1);
      expect(rows()).toEqual(created);
    });

    it('finds the sessions of a customer by the index, also if almost all are those of another', () => {
      database.exec(`WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000)
        INSERT INTO session_info SELECT 'id-' || i, NULL, iif(i < 5, 'few', 'many'), NULL, NULL, i, i, 9e12 + i FROM n; ANALYZE`);
      for (const text of [queries.listByCustomer, queries.deleteByCustomer]) {
        const plan = database.prepare(`EXPLAIN QUERY PLAN ${text}`).all('few', '10') as { detail: string }[];
        expect(plan.map(({ detail }) => detail)).toEqual([
          'SEARCH session_info USING INDEX session_info_customer_id_idx (customer_id=?)',
        ]);
      }
    });

    it('reads while another connection writes, and throws if it has to write', async () => {
      const store = createSqliteStore(database);
      store.create('id', { customerId: 'c' });
      other.exec('BEGIN IMMEDIATE');
      expect(store.get('id')).toMatchObject({ sessionId: 'id' });
      expect(store.peek('id')).toMatchObject({ sessionId: 'id' });
      expect(store.listByCustomer('c')).toMatchObject([{ sessionId: 'id' }]);
      for (const call of [
        () => store.create('new', {}),
        () => store.update('id', {}),
        () => store.delete('id'),
        () => store.deleteByCustomer('c'),
      ]) {
        expect(call).toThrow('database is locked');
      }
      await expect(store.deleteExpired()).rejects.toThrow('database is locked');
      other.exec('ROLLBACK');
    });

    it('commits what it returns after it met a lock', () => {
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

    it('throws if the COMMIT fails, and goes on afterwards', () => {
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

    it('does not write into a transaction of your app', () => {
      const store = createSqliteStore(database);
      database.exec('BEGIN');
      expect(() => store.create('id', {})).toThrow('within a transaction');
      database.exec('COMMIT');
      expect(rows()).toEqual([]);
    });
  });
});

describe('createSqliteStore', () => {
  const database = { exec() {}, prepare: () => ({ all: () => [] }) };
  it.each([
    [undefined, {}, 'createSqliteStore: database must have exec(sql) and prepare(sql); pass a DatabaseSync'],
    ['sessions.db', {}, 'createSqliteStore: database must have exec(sql) and prepare(sql)'],
    [database, { table: 'x' }, 'createSqliteStore: unknown option "table"; use idleTimeout, absoluteTimeout'],
    [database, { idleTimeout: 1.5 }, 'createSqliteStore: option "idleTimeout" must be a whole number'],
  ])('throws for a wrong argument, with the fix: %j %j', (given, options, message) => {
    expect(() => createSqliteStore(given as never, options as never)).toThrow(message);
  });
});
