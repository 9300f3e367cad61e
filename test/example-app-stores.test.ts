import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { openLibsql } from '../example-app/clients/libsql.js';
import { createPgPool } from '../example-app/clients/pg.js';
import { openStore } from '../example-app/store.js';
import type { SessionInfo } from '../src/index.js';
import { startExampleApp } from './example-app-process.js';
import { startTcpProxy } from './long/faults/tcp-proxy.js';
import { eventually } from './servers/eventually.js';
import { needs } from './servers/needs.js';
import { startPostgres } from './servers/postgres.js';
import { startRedis } from './servers/redis.js';

/** Makes a session on one process, updates it on the other, and reads it on the first. */
async function shareOneStore(env: Record<string, string>): Promise<void> {
  const [one, other] = await Promise.all([startExampleApp(env), startExampleApp(env)]);
  const put = await fetch(`${one.url}/sessions/new`, { method: 'PUT', headers: { gkc_customerId: 'c-1' } });
  const { sessionId } = (await put.json()) as SessionInfo;
  const post = await fetch(`${other.url}/sessions/${sessionId}`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: '{"visitId":"v-1"}',
  });
  expect(post.status).toBe(200);
  const read = await fetch(`${one.url}/sessions/${sessionId}`);
  expect(await read.json()).toMatchObject({ sessionId, customerId: 'c-1', visitId: 'v-1' });
}

/** Opens a store in this process, and lets an hour pass by its timers once `expire` has made its session expire. */
async function freeExpired(
  env: Record<string, string>,
  expire: () => unknown,
  isFree: () => Promise<boolean>,
) {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  onTestFinished(() => void vi.useRealTimers());
  const { store, close } = await openStore(env);
  onTestFinished(close);
  await store.create('one', {});
  vi.advanceTimersByTime(60 * 60 * 1000);
  await sleep(200);
  expect(await isFree()).toBe(false);
  await expire();
  vi.advanceTimersByTime(60 * 60 * 1000);
  await eventually('the expired session is still there', isFree);
}

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'example-app-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

needs('redis-server')('two processes of the example on one Redis', () => {
  it('share its sessions', async () => {
    const redis = await startRedis();
    onTestFinished(() => redis.stop());
    await shareOneStore({ REDIS_URL: redis.url });
  });
});

needs('initdb')('two processes of the example on one PostgreSQL', () => {
  it('share its sessions', async () => {
    const postgres = await startPostgres();
    onTestFinished(() => postgres.stop());
    await shareOneStore({ DATABASE_URL: postgres.url });
  });
});

needs('initdb')('the example on a PostgreSQL', () => {
  it('frees the space of expired sessions', async () => {
    const postgres = await startPostgres();
    onTestFinished(() => postgres.stop());
    const pool = createPgPool({ connectionString: postgres.url }, () => {});
    onTestFinished(() => pool.end());
    await freeExpired(
      { DATABASE_URL: postgres.url },
      () => pool.query('UPDATE session_info SET expires_at = now()'),
      async () => (await pool.query('SELECT FROM session_info')).rowCount === 0,
    );
  });

  it('stops, although the server is silent', async () => {
    const postgres = await startPostgres();
    onTestFinished(() => postgres.stop());
    const proxy = await startTcpProxy(postgres.port);
    onTestFinished(() => proxy.stop());
    const url = postgres.url.replace(`:${postgres.port}/`, `:${proxy.port}/`);
    const { child, finished } = await startExampleApp({ DATABASE_URL: url });
    proxy.hold();
    child.kill('SIGTERM');
    expect((await finished).code).toBe(0);
  });
});

describe('the example', () => {
  it('frees the space of expired sessions in a SQLite file', async () => {
    const file = join(temporaryFolder(), 'sessions.db');
    const rows = (sql: string) => {
      const database = openLibsql(file);
      try {
        return database.prepare(sql).all();
      } finally {
        database.close();
      }
    };
    await freeExpired(
      { SQLITE_FILE: file },
      () => rows('UPDATE session_info SET expires_at = 1 RETURNING 1'),
      async () => rows('SELECT 1 FROM session_info').length === 0,
    );
  });

  it('frees the space of expired sessions in a folder of files', async () => {
    const folder = temporaryFolder();
    const file = join(folder, 'info.one.json');
    await freeExpired(
      { SESSION_FILES: folder },
      () => writeFileSync(file, readFileSync(file, 'utf8').replace(/("__lastAccess":)\d+/, '$11')),
      async () => !existsSync(file),
    );
  });
});

describe('two processes of the example', () => {
  it('share the sessions of one SQLite file', async () => {
    await shareOneStore({ SQLITE_FILE: join(temporaryFolder(), 'sessions.db') });
  });

  it('share the sessions of one folder of files', async () => {
    await shareOneStore({ SESSION_FILES: temporaryFolder() });
  });
});
