import { randomUUID } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Express } from 'express';
import { createClient } from 'redis';
import request from 'supertest';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { SessionStore } from '../../src/index.js';
import { postgresSchema } from '../../src/stores/postgres/postgres.js';
import { secret, signedCookie } from '../http/signed-cookie.js';
import { eventually } from '../servers/eventually.js';
import { needs } from '../servers/needs.js';
import { startPostgres } from '../servers/postgres.js';
import { startRedis } from '../servers/redis.js';
import { block, proseOf, rowsBelow } from './docs-pages.js';
import { runBlock } from './run-block.js';
import { runSample, type SampleFiles } from './sample-process.js';

const PAGE = 'stores.md';
const ROOT = new URL('../../', import.meta.url);
const read = (path: string) => readFileSync(new URL(path, ROOT), 'utf8');
const LIMIT = { timeout: 60_000 };

describe('docs/stores.md', () => {
  it.each(['node-redis', 'node-redis-sentinel', 'node-redis-cluster', 'ioredis', 'pg', 'libsql'])(
    'shows the client %s as the example or the fault tests have it',
    (name) => {
      const [path = ''] = ['example-app', 'test']
        .map((folder) => `${folder}/clients/${name}.ts`)
        .filter((file) => existsSync(new URL(file, ROOT)));
      expect(block(PAGE, name).text).toBe(read(path));
    },
  );

  it.each(['## Redis', '## PostgreSQL'])('creates the stores under "%s" as tests of them do', (heading) => {
    const tests = ['test/stores/postgres/', 'test/long/faults/'].flatMap((folder) =>
      readdirSync(new URL(folder, ROOT))
        .filter((file) => file.endsWith('.ts'))
        .map((file) => read(folder + file)),
    );
    const rows = rowsBelow(PAGE, heading);
    expect(rows.length).toBeGreaterThan(1);
    for (const [, code = ''] of rows) {
      expect(
        tests.some((test) => test.includes(code.replaceAll('`', '').slice(0, -1))),
        code,
      ).toBe(true);
    }
  });

  it('shows the SQL of the table', () => {
    expect(block(PAGE, 'schema').text.trim()).toBe(postgresSchema());
  });

  it('lists every command of the Redis scripts for an ACL', () => {
    const folder = 'src/stores/redis/';
    const source = readdirSync(new URL(folder, ROOT))
      .map((file) => read(folder + file))
      .join('\n');
    const used = [...source.matchAll(/redis\.call\('([A-Z]+)'/g)].map(([, name]) => name);
    const [, bullet = ''] = /- \*\*ACL\*\*: ([\s\S]*?)\n- /.exec(proseOf(PAGE)) ?? [];
    const listed = [...bullet.matchAll(/`([A-Z]+)`/g)].map(([, name]) => name);
    expect(listed.sort()).toEqual([...new Set([...used, 'EVALSHA', 'EVAL'])].sort());
  });
});

/** The blocks of the page that a sample consists of, and a server with the routes on its store. */
function filesOf(sample: string, ...others: string[]): SampleFiles {
  const blocks = [sample, ...others].map((name) => [`${name}.ts`, block(PAGE, name).text] as const);
  return {
    ...Object.fromEntries(blocks),
    'main.ts': `
      import express from 'express';
      import { createSessionRouter } from 'express-session-info';
      import { store } from './${sample}.js';
      express().use(createSessionRouter(store)).listen(3000);`,
  };
}

async function expectSessions(url: string): Promise<void> {
  const created = await fetch(`${url}/sessions/new`, { method: 'PUT', headers: { gkc_customerId: 'c' } });
  expect(created.status).toBe(201);
  const session = (await created.json()) as { sessionId: string };
  expect(await (await fetch(`${url}/sessions/${session.sessionId}`)).json()).toEqual(session);
}

it('the SQLite sample creates its table', LIMIT, async () => {
  const DATABASE_FILE = join(await mkdtemp(join(tmpdir(), 'sessions-')), 'sessions.db');
  const { url } = await runSample('main.ts', filesOf('sqlite-store', 'libsql'), { DATABASE_FILE });
  await expectSessions(url);
});

it.each([
  ['redis-store', 'node-redis', 'REDIS_URL'],
  ['postgres-store', 'pg', 'DATABASE_URL'],
])(
  '%s does not start without an address, and so on no server by chance',
  LIMIT,
  async (sample, client, name) => {
    for (const env of [{}, { [name]: '' }])
      await expect(runSample('main.ts', filesOf(sample, client), env)).rejects.toThrow(
        `Set ${name}, such as`,
      );
  },
);

needs('postgres')('docs/stores.md on a Postgres', () => {
  it('the sample creates its table, and survives a server that goes away', LIMIT, async () => {
    const postgres = await startPostgres();
    onTestFinished(() => postgres.stop());
    const files = filesOf('postgres-store', 'pg');
    const { url, exitCode } = await runSample('main.ts', files, { DATABASE_URL: postgres.url });
    await expectSessions(url);
    postgres.process.kill('SIGINT');
    const get = async () => (await fetch(`${url}/sessions/a`)).status;
    await expect.poll(get, { timeout: 15_000 }).toBe(503);
    expect(exitCode()).toBeUndefined();
  });
});

needs('redis-server')('docs/stores.md on a Redis', () => {
  it('the sample connects, and survives a server that goes away', LIMIT, async () => {
    const redis = await startRedis();
    onTestFinished(() => redis.stop());
    const files = filesOf('redis-store', 'node-redis');
    const { url, exitCode } = await runSample('main.ts', files, { REDIS_URL: redis.url });
    await expectSessions(url);
    redis.process.kill('SIGKILL');
    const get = async () => (await fetch(`${url}/sessions/a`)).status;
    await expect.poll(get, { timeout: 15_000 }).toBe(503);
    expect(exitCode()).toBeUndefined();
  });

  it('waits for a replica: block "wait"', async () => {
    // Otherwise it waits 5 s for more replicas.
    const primary = await startRedis(['--repl-diskless-sync-delay', '0']);
    onTestFinished(() => primary.stop());
    const client = await createClient({ url: primary.url }).connect();
    onTestFinished(() => client.destroy());
    const { createWaitingStore } = runBlock<{
      createWaitingStore(of: typeof client): SessionStore;
    }>(PAGE, 'wait');
    const store = createWaitingStore(client);
    await expect(store.create(randomUUID(), {})).rejects.toThrow('no replica has it');

    const replica = await startRedis(['--replicaof', '127.0.0.1', `${primary.port}`]);
    onTestFinished(() => replica.stop());
    let created: unknown;
    await eventually('the replica did not follow', async () => {
      created = await store.create(randomUUID(), { agentId: 'a' });
      return true;
    });
    expect(created).toMatchObject({ agentId: 'a' });
  });

  it('keeps sessions next to those of express-session: block "bridge"', async () => {
    const redis = await startRedis();
    onTestFinished(() => redis.stop());
    type Exports = {
      createApp(
        url: string,
        secret: string,
      ): Promise<{ app: Express; infos: SessionStore; client: { destroy(): void } }>;
    };
    const { app, infos, client } = await runBlock<Exports>(PAGE, 'bridge').createApp(redis.url, secret);
    onTestFinished(() => client.destroy());
    await infos.create('visitor', { customerId: 'c' });
    app.get('/', (req, res) => res.json({ customerId: req.sessionInfo?.customerId }));
    const { body } = await request(app).get('/').set('Cookie', signedCookie('visitor', 'info.sid'));
    expect(body).toEqual({ customerId: 'c' });
  });
});
