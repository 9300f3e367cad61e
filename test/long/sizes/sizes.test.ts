import { randomUUID } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { RedisStore } from 'connect-redis';
import { afterAll, describe, expect, it, onTestFinished } from 'vitest';
import { openLibsql } from '../../../example-app/clients/libsql.js';
import { createNodeRedis } from '../../../example-app/clients/node-redis.js';
import { createPgPool } from '../../../example-app/clients/pg.js';
import type { SessionStore } from '../../../src/session-store.js';
import { createExpressSessionStore } from '../../../src/stores/express-session.js';
import { createPostgresStore } from '../../../src/stores/postgres/postgres.js';
import { createRedisStore } from '../../../src/stores/redis/redis.js';
import { createSqliteStore } from '../../../src/stores/sqlite.js';
import { needs } from '../../servers/needs.js';
import { startPostgres } from '../../servers/postgres.js';
import { startRedis } from '../../servers/redis.js';
import { temporaryFolder } from '../../servers/server-process.js';

/** `npm run test:sizes` sets it: then there are so many sessions that pages half full do not count, and the figures are kept. */
const LONG = process.env.LONG === '1';
const SESSIONS = LONG ? 100_000 : 1000;
const LIMIT = 300_000;

const NEW = 'bytes per session, when new';
const UPDATED = 'bytes per session, after one update';
const INDEXES = 'of these, for indexes';
const MEMORY_USAGE = 'bytes of a key alone, by MEMORY USAGE';

interface Sizes {
  readonly [NEW]: number;
  readonly [UPDATED]: number;
  readonly [INDEXES]?: number;
  readonly [MEMORY_USAGE]?: number;
}

const rows: object[] = [];

/** Fills a store, and says what a session takes of it by `measure`, which answers bytes in all. */
async function measureStore(
  name: string,
  store: SessionStore,
  measure: () => Promise<number> | number,
  more: () => Promise<Partial<Sizes>> = async () => ({}),
): Promise<void> {
  const each = (bytes: number) => Math.round((bytes - empty) / SESSIONS);
  const ids = Array.from({ length: SESSIONS }, () => randomUUID());
  const empty = await measure();
  await forAll(ids, (id) => store.create(id, members()));
  const made = each(await measure());
  const others = await more();
  await forAll(ids, (id) => store.update(id, { visitId: randomUUID() }));
  const sizes: Sizes = { [NEW]: made, [UPDATED]: each(await measure()), ...others };
  console.log(name, sizes);
  rows.push({ store: name, 'sessions, with all four members': SESSIONS, ...sizes });
  expect(made).toBeGreaterThan(100);
  expect(made).toBeLessThan(2000);
}

function members() {
  const [agentId, customerId] = ['agent-123456', 'customer-123456'];
  return { agentId, customerId, visitId: randomUUID(), globalVisitId: randomUUID() };
}

async function forAll(ids: readonly string[], use: (id: string) => unknown): Promise<void> {
  const AT_ONCE = 100;
  for (let from = 0; from < ids.length; from += AT_ONCE) {
    await Promise.all(ids.slice(from, from + AT_ONCE).map(use));
  }
}

afterAll(() => {
  if (!LONG) return;
  const columns = ['sessions, with all four members', NEW, INDEXES, MEMORY_USAGE, UPDATED];
  const figures = new URL('../../../figures/', import.meta.url);
  mkdirSync(figures, { recursive: true });
  writeFileSync(
    new URL('sizes.json', figures),
    `${JSON.stringify({ title: 'Sizes', columns, rows }, null, 2)}\n`,
  );
});

needs('redis-server')('on Redis', () => {
  it.each([
    ['Redis (node-redis)', ({ client }) => createRedisStore((args) => client.sendCommand(args))],
    [
      'express-session (connect-redis)',
      ({ client }) => createExpressSessionStore(new RedisStore({ client, prefix: 'session-info:' })),
    ],
  ] as [string, (on: { client: ReturnType<typeof createNodeRedis> }) => SessionStore][])(
    'a session takes some hundred bytes: %s',
    async (name, create) => {
      const server = await startRedis();
      onTestFinished(() => server.stop());
      const client = createNodeRedis(server.url, () => {});
      await client.connect();
      onTestFinished(() => client.destroy());
      const ask = async (...command: string[]) => String(await client.sendCommand(command));
      await measureStore(
        name,
        create({ client }),
        async () => Number(/used_memory:(\d+)/.exec(await ask('INFO', 'memory'))?.[1]),
        async () => ({
          [MEMORY_USAGE]: Number(await ask('MEMORY', 'USAGE', await ask('RANDOMKEY'), 'SAMPLES', '0')),
        }),
      );
    },
    LIMIT,
  );
});

needs('postgres')('on PostgreSQL', () => {
  it(
    'a session takes some hundred bytes',
    async () => {
      const server = await startPostgres();
      onTestFinished(() => server.stop());
      const pool = createPgPool({ connectionString: server.url }, () => {});
      onTestFinished(() => pool.end());
      const store = createPostgresStore((statement) => pool.query(statement));
      await store.migrate();
      const size = async (of: string) =>
        Number((await pool.query(`SELECT ${of}('session_info') AS bytes`)).rows[0].bytes);
      await measureStore(
        'PostgreSQL (pg)',
        store,
        () => size('pg_total_relation_size'),
        async () => ({ [INDEXES]: Math.round((await size('pg_indexes_size')) / SESSIONS) }),
      );
    },
    LIMIT,
  );
});

describe('in a file', () => {
  it(
    'a session takes some hundred bytes of a file of SQLite',
    async () => {
      const folder = temporaryFolder('sizes');
      onTestFinished(folder.remove);
      const database = openLibsql(join(folder.path, 'sessions.db'));
      onTestFinished(() => void database.close());
      database.exec('PRAGMA synchronous = OFF');
      const store = createSqliteStore(database);
      store.migrate();
      await measureStore('SQLite (libsql)', store, () => {
        const sql = 'SELECT page_count * page_size AS bytes FROM pragma_page_count, pragma_page_size';
        return Number((database.prepare(sql).get() as { bytes: number }).bytes);
      });
    },
    LIMIT,
  );
});
