import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { SessionInfo } from '../src/index.js';
import { startExampleApp } from './example-app-process.js';
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

describe('two processes of the example', () => {
  it('share the sessions of one SQLite file', async () => {
    await shareOneStore({ SQLITE_FILE: join(temporaryFolder(), 'sessions.db') });
  });

  it('share the sessions of one folder of files', async () => {
    await shareOneStore({ SESSION_FILES: temporaryFolder() });
  });
});
