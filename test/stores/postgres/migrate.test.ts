import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { beforeEach, expect, it, onTestFinished } from 'vitest';
import { createPostgresStore, type PostgresQuery } from '../../../src/stores/postgres/postgres.js';
import { needs } from '../../servers/needs.js';
import { ALL_VARIANTS, variants } from '../../variants.js';
import { tableAlone, VALID_INDEXES } from './table-alone.js';
import { usePostgres } from './use-postgres.js';

const namesOf = (table: string) => [`${table}_customer_idx`, `${table}_expires_at_idx`, `${table}_pkey`];

needs('postgres')('migrate with pg', () => {
  const postgres = usePostgres(['deadlock_timeout=100ms']);
  let table: string;
  beforeEach(() => {
    table = `t${randomUUID().replaceAll('-', '').slice(0, 20)}`;
  });

  async function validIndexes(): Promise<string[]> {
    const { rows } = await postgres.pool.query(VALID_INDEXES, [table]);
    return rows.map(({ relname }) => relname);
  }

  /** An open transaction that has written to the table: an index can't be built online until it has ended. */
  async function openWriter(): Promise<{ commit(): Promise<unknown> }> {
    const insert = `INSERT INTO ${table} VALUES ($1, '', '', '', '', now(), now(), now())`;
    return postgres.lockedBy(insert, randomUUID());
  }

  /** Leaves an index as a statement does that was cancelled on its way. */
  async function leaveInvalid(index: string, on: string): Promise<void> {
    const writer = await openWriter();
    const client = await postgres.connect();
    await client.query('SET statement_timeout = 200');
    await expect(client.query(`CREATE INDEX CONCURRENTLY ${index} ON ${table} (${on})`)).rejects.toThrow();
    await writer.commit();
    expect(await validIndexes()).not.toContain(index);
  }

  /** A process that migrates the table, and what it ends with. */
  function migrateInProcess(start = 0): { process: ChildProcess; result: Promise<string> } {
    const script = fileURLToPath(new URL('migrate-process.ts', import.meta.url));
    const child = spawn(process.execPath, ['--import', 'tsx', script, postgres.url, table, `${start}`], {
      env: { ...process.env, NODE_OPTIONS: '' },
      timeout: 45_000,
    });
    onTestFinished(() => void child.kill('SIGKILL'));
    let output = '';
    child.stderr.on('data', (data) => {
      output += data;
    });
    return { process: child, result: once(child, 'exit').then(([code]) => `${output}exit ${code}`) };
  }

  it('creates the table with its indexes, and may be called again', async () => {
    const store = postgres.createStore({ table });
    await store.migrate();
    await store.create('kept', {});
    await store.migrate();
    expect(await store.get('kept')).toMatchObject({ sessionId: 'kept' });
    expect(await validIndexes()).toEqual(namesOf(table));
  });

  it('creates the table for several callers at once', async () => {
    // All connections are there before the race, and one race alone may go well by chance.
    const racers = Array.from({ length: 8 });
    await Promise.all(racers.map(() => postgres.pool.query('SELECT pg_sleep(0.1)')));
    for (let race = 0; race < 10; race++) {
      const racing = racers.map(() => postgres.createStore({ table: `${table}_${race}` }));
      await Promise.all(racing.map((store) => store.migrate()));
      expect(await racing[0]?.create('first', {})).toMatchObject({ sessionId: 'first' });
    }
  });

  it.runIf(ALL_VARIANTS)('adds what a table lacks, in several processes at once', async () => {
    await postgres.pool.query(tableAlone(table));
    await postgres.pool.query(
      `INSERT INTO ${table} SELECT n::text, 'a', 'c' || n, 'v', 'g', now(), now(), now() FROM generate_series(1, 50000) AS n`,
    );
    const processes = Array.from({ length: 4 }, () => migrateInProcess(Date.now() + 4000));
    const exits = await Promise.all(processes.map(({ result }) => result));
    expect(exits).toEqual(['exit 0', 'exit 0', 'exit 0', 'exit 0']);
    expect(await validIndexes()).toEqual(namesOf(table));
    expect(await postgres.createStore({ table }).listByCustomer('one')).toHaveLength(4);
  });

  it('keeps no session waiting while it builds an index', async () => {
    await postgres.pool.query(tableAlone(table));
    const writer = await openWriter();
    const store = postgres.createStore({ table });
    const migrated = store.migrate();
    await postgres.untilWaiting();
    expect(await store.create('meanwhile', {})).toMatchObject({ sessionId: 'meanwhile' });
    expect(await store.update('meanwhile', { visitId: 'v' })).toMatchObject({ visitId: 'v' });
    await writer.commit();
    await migrated;
    expect(await validIndexes()).toEqual(namesOf(table));
  });

  it('builds an index again that was left invalid', async () => {
    const store = postgres.createStore({ table });
    await postgres.pool.query(tableAlone(table));
    await leaveInvalid(`${table}_customer_idx`, 'customer_id, created_at DESC');
    await leaveInvalid(`${table}_expires_at_idx`, 'expires_at');
    await Promise.all([store.migrate(), store.migrate(), store.migrate()]);
    expect(await validIndexes()).toEqual(namesOf(table));
  });

  it.runIf(ALL_VARIANTS)(
    'waits for what a killed process has begun, which the server goes on with',
    async () => {
      await postgres.pool.query(tableAlone(table));
      const writer = await openWriter();
      const killed = migrateInProcess();
      await postgres.untilWaiting();
      killed.process.kill('SIGKILL');
      await killed.result;
      const turns: unknown[] = [];
      const watched: PostgresQuery = async (statement) => {
        const result = await postgres.pool.query(statement);
        if (statement.name.includes('take_turn')) turns.push(result.rows[0].turn);
        return result;
      };
      const migrated = createPostgresStore(watched, { table }).migrate();
      await expect.poll(() => turns, { timeout: 10_000 }).toEqual(['not mine', 'not mine', 'not mine']);
      await writer.commit();
      await migrated;
      expect(await validIndexes()).toEqual(namesOf(table));
    },
  );

  it.runIf(ALL_VARIANTS)('rejects when its statement is cancelled, and completes the next time', async () => {
    await postgres.pool.query(tableAlone(table));
    const writer = await openWriter();
    const hasty = postgres.openPool({ statement_timeout: 1000 });
    const store = createPostgresStore((statement) => hasty.query(statement), { table });
    await expect(store.migrate()).rejects.toMatchObject({ code: '57014' });
    await writer.commit();
    await store.migrate();
    expect(await validIndexes()).toEqual(namesOf(table));
  });

  it('completes even if several build at once, against the turns', async () => {
    await postgres.pool.query(tableAlone(table));
    const alwaysMine: PostgresQuery = async (statement) => {
      if (statement.name.includes('take_turn')) return { rows: [{ turn: 'mine' }] };
      return postgres.pool.query(statement);
    };
    const stores = Array.from({ length: 3 }, () => createPostgresStore(alwaysMine, { table }));
    const writer = await openWriter();
    const migrated = Promise.all(stores.map((store) => store.migrate()));
    await postgres.untilWaiting(3);
    await writer.commit();
    await migrated;
    expect(await validIndexes()).toEqual(namesOf(table));
  });

  it.each(variants(['XX000', '40P01', '42P07']))(
    'looks again after a collision, %s, but not for ever',
    async (code) => {
      const collide = (times: number): PostgresQuery => {
        return async (statement) => {
          if (!statement.name.includes('create_index') || times-- <= 0) return postgres.pool.query(statement);
          throw Object.assign(new Error('tuple concurrently updated'), { code });
        };
      };
      await postgres.pool.query(tableAlone(table));
      await expect(createPostgresStore(collide(100), { table }).migrate()).rejects.toMatchObject({ code });
      await createPostgresStore(collide(2), { table }).migrate();
      expect(await validIndexes()).toEqual(namesOf(table));
    },
  );

  it('rejects if something else has the name of an index', async () => {
    await postgres.pool.query(`${tableAlone(table)}; CREATE TABLE ${table}_customer_idx (a int)`);
    await expect(postgres.createStore({ table }).migrate()).rejects.toMatchObject({ code: '42P07' });
  });

  it('works on a pool of one connection, in a schema, with the longest name', async () => {
    await postgres.pool.query('CREATE SCHEMA IF NOT EXISTS app');
    const narrow = postgres.openPool({ max: 1 });
    table = `app.${'x'.repeat(47)}`;
    await postgres.pool.query(tableAlone(table));
    await createPostgresStore((statement) => narrow.query(statement), { table }).migrate();
    expect(await validIndexes()).toEqual(namesOf('x'.repeat(47)));
  });

  it('needs no privilege to create anything if all is there', async () => {
    await postgres.createStore({ table }).migrate();
    await postgres.pool.query(`CREATE ROLE ${table} LOGIN; REVOKE CREATE ON SCHEMA public FROM PUBLIC`);
    const app = postgres.openPool({
      user: table,
      connectionString: postgres.url.replace('postgres@', `${table}@`),
    });
    await createPostgresStore((statement) => app.query(statement), { table }).migrate();
  });

  it('refuses a database whose encoding can not hold every value', async () => {
    await postgres.pool.query(
      "CREATE DATABASE narrow ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0",
    );
    const url = new URL(postgres.url);
    url.pathname = '/narrow';
    const narrow = new pg.Client(`${url}`);
    await narrow.connect();
    onTestFinished(() => narrow.end());
    const store = createPostgresStore((statement) => narrow.query(statement));
    await expect(store.migrate()).rejects.toThrow('the encoding of the database is LATIN1; use UTF8');
  });
});
