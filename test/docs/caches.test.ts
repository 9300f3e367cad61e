import type { Express } from 'express';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { createMemoryStore } from '../../src/index.js';
import { attackVisitors } from './attack-visitors.js';
import { runBlock, startBlock } from './run-block.js';
import { writeSample } from './sample-process.js';
import { cookieOfCustomer, secret } from './visitor.js';

const PAGE = 'caches.md';

async function start(options = '') {
  const folder = await writeSample({ 'public/app.css': 'body {}' });
  const { url, exports } = await startBlock<{ app: Express; store: ReturnType<typeof createMemoryStore> }>(
    PAGE,
    'cdn',
    {
      replace: {
        "'public'": JSON.stringify(`${folder}/public`),
        'attachSession(createMemoryStore(), {': `attachSession(store, {${options}`,
        'export const app': 'export const store = createMemoryStore();\nexport const app',
      },
    },
  );
  return { url, store: exports.store };
}

beforeEach(() => {
  vi.stubEnv('SESSION_SECRET', secret);
});

describe('the sample for a CDN', () => {
  it('serves assets that every cache may keep, without a session or a cookie', async () => {
    const { url, store } = await start(' autoCreate: true,');
    const read = vi.spyOn(store, 'get');
    const headers = { cookie: await cookieOfCustomer(store, 'ann') };
    for (const init of [{}, { headers }]) {
      const asset = await fetch(`${url}/assets/app.css`, init);
      expect(asset.status).toBe(200);
      expect(asset.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
      expect(asset.headers.getSetCookie()).toEqual([]);
    }
    expect(read).not.toHaveBeenCalled();
  });

  it('lets no shared cache keep what depends on the session', async () => {
    const { url, store } = await start();
    const cookie = await cookieOfCustomer(store, 'ann');
    for (const path of ['/me', '/assets/none.css', '/unknown']) {
      const response = await fetch(url + path, { headers: { cookie } });
      expect(response.headers.get('cache-control'), path).toBe('private, no-cache');
    }
  });

  it('keeps visitors apart', async () => {
    const { url, store } = await start();
    await attackVisitors({ url, who: '/me', logIn: () => cookieOfCustomer(store, 'ann') });
  });

  it('does not start without a secret', () => {
    vi.stubEnv('SESSION_SECRET', '');
    expect(() => runBlock(PAGE, 'cdn')).toThrow('Set SESSION_SECRET to a long random string');
  });
});
