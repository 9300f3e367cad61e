import { randomUUID } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { createClient } from 'redis';
import request from 'supertest';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { SessionStore } from '../../src/index.js';
import { postgresSchema } from '../../src/stores/postgres/postgres.js';
import { eventually } from '../servers/eventually.js';
import { needs } from '../servers/needs.js';
import { startRedis } from '../servers/redis.js';
import { block, rowsBelow } from './docs-pages.js';
import { runBlock } from './run-block.js';

const PAGE = 'stores.md';
const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');

describe('docs/stores.md', () => {
  it.each(['node-redis', 'node-redis-sentinel', 'node-redis-cluster', 'ioredis', 'pg', 'libsql'])(
    'shows the client %s as the example or the fault tests have it',
    (name) => {
      const [path = ''] = ['example-app', 'test']
        .map((folder) => `${folder}/clients/${name}.ts`)
        .filter((file) => existsSync(new URL(`../../${file}`, import.meta.url)));
      expect(block(PAGE, name).text).toBe(read(path));
    },
  );

  it.each(['## Redis', '## PostgreSQL'])('makes the stores under "%s" as tests of them do', (heading) => {
    const tests = ['test/long/faults/stores-by-name.ts', 'test/stores/postgres.test.ts'].map(read);
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
});

needs('redis-server')('docs/stores.md on a Redis', () => {
  it('waits for a replica: block "wait"', async () => {
    const primary = await startRedis();
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
    await eventually('the replica did not follow', async () =>
      String(await client.sendCommand(['INFO', 'replication'])).includes('state=online'),
    );
    expect(await store.create(randomUUID(), { agentId: 'a' })).toMatchObject({ agentId: 'a' });
  });

  it('keeps sessions beside those of express-session: block "bridge"', async () => {
    const redis = await startRedis();
    onTestFinished(() => redis.stop());
    const { createApp } = runBlock<{
      createApp(url: string, secret: string): Promise<{ app: never; client: { destroy(): void } }>;
    }>(PAGE, 'bridge');
    const { app, client } = await createApp(redis.url, 'a secret');
    onTestFinished(() => client.destroy());
    const put = await request(app).put('/sessions/new').set('gkc_customerId', 'c').expect(201);
    const get = await request(app).get(`/sessions/${put.body.sessionId}`).expect(200);
    expect(get.body).toEqual(put.body);
  });
});
