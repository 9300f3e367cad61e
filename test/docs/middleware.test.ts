import { createRequire } from 'node:module';
import type { Express, RequestHandler } from 'express';
import request from 'supertest';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { createMemoryStore, SessionInfo } from '../../src/index.js';
import { attackVisitors } from './attack-visitors.js';
import { blocksOf, rowsBelow } from './docs-pages.js';
import { type RunOptions, runBlock, startBlock } from './run-block.js';
import { cookieOfCustomer, get, post, secret } from './visitor.js';

const PAGE = 'middleware.md';
const express4 = { modules: { express: createRequire(import.meta.url)('express4') } };

type Store = ReturnType<typeof createMemoryStore>;

const start = (name: string, options?: RunOptions) =>
  startBlock<{ app: Express; store: Store }>(PAGE, name, options);

/** Replaces the store of a sample that does not export it. */
const exportStore = {
  replace: { 'const store = createMemoryStore()': 'export const store = createMemoryStore()' },
};

beforeEach(() => {
  vi.stubEnv('SESSION_SECRET', secret);
});

describe('the order of middleware', () => {
  it('what comes before has no session and reads no store', async () => {
    const { url, exports } = await start('order', exportStore);
    const cookie = await cookieOfCustomer(exports.store, 'ann');
    const read = vi.spyOn(exports.store, 'get');
    expect(await get(`${url}/health`, cookie)).toEqual({ status: 200, body: { ok: true } });
    expect(read).not.toHaveBeenCalled();
    expect((await get(`${url}/articles`, cookie)).body).toEqual({ customerId: 'ann' });
    expect((await get(`${url}/articles`)).body).toEqual({ customerId: null });
    expect((await get(`${url}/orders`, cookie)).body).toEqual({ customerId: 'ann' });
    expect((await get(`${url}/orders`)).status).toBe(400);
  });
});

describe('async handlers in Express 4', () => {
  it('are wrapped, so that a rejection goes to the error handler', async () => {
    const { handle } = runBlock<{ handle(handler: () => Promise<void>): RequestHandler }>(PAGE, 'express-4');
    const app: Express = express4.modules.express();
    const broken = handle(async () => Promise.reject(Object.assign(new Error('down'), { status: 503 })));
    app.get('/', broken);
    expect((await request(app).get('/')).status).toBe(503);
  });
});

describe('the login redirect', () => {
  it('sends visitors without a customer to the login, with the path to return to', async () => {
    const { url, exports } = await start('login-redirect', {
      replace: {
        'export const app': 'export const store = createMemoryStore();\nexport const app',
        'attachSession(createMemoryStore(),': 'attachSession(store,',
      },
    });
    const anonymous = await cookieOfCustomer(exports.store, undefined as never);
    for (const cookie of ['', anonymous, 'connect.sid=s%3Aforged.x']) {
      const response = await fetch(`${url}/account?tab=1&x=//evil`, {
        redirect: 'manual',
        headers: { cookie },
      });
      expect(response.status).toBe(303);
      expect(response.headers.get('location')).toBe('/login?returnTo=%2Faccount%3Ftab%3D1%26x%3D%2F%2Fevil');
    }
    const cookie = await cookieOfCustomer(exports.store, 'ann');
    expect(await get(`${url}/account`, cookie)).toEqual({ status: 200, body: 'Customer ann' });
  });
});

describe('the functions', () => {
  it.each([
    ['Express 5', {}],
    ['Express 4', express4],
  ])('update, renew, reload and end a session on %s', async (_name, options) => {
    const { url } = await start('functions', options);
    expect((await post(`${url}/visit`)).body).toEqual({ visitId: null });
    const { cookie, body } = await post(`${url}/login`);
    expect(body).toEqual({ customerId: 'customer-42' });
    expect((await post(`${url}/visit`, undefined, cookie)).body).toEqual({ visitId: 'spring-sale' });
    expect((await get(`${url}/report`, cookie)).body).toEqual({ live: true });
    const again = (await post(`${url}/login`, undefined, cookie)).cookie;
    expect((await get(`${url}/report`, cookie)).body).toEqual({ live: false });
    expect((await post(`${url}/logout`, undefined, again)).body).toEqual({ ended: true });
    const second = await post(`${url}/logout`, undefined, again);
    expect(second.body).toEqual({ ended: false });
    expect(second.setCookie[0]).toMatch(/^connect\.sid=;/);
  });

  it('after a double click on "Log in" both requests succeed, each with its own session', async () => {
    const { url } = await start('functions');
    const { cookie } = await post(`${url}/login`);
    const both = await Promise.all([1, 2].map(() => post(`${url}/login`, undefined, cookie)));
    expect(both.map(({ status }) => status)).toEqual([200, 200]);
    expect(new Set(both.map((each) => each.cookie)).size).toBe(2);
  });

  it('an update of the old session during a renewal is confirmed, and lost with it', async () => {
    const { url, exports } = await start('functions');
    const { cookie } = await post(`${url}/login`);
    const { create } = exports.store;
    vi.spyOn(exports.store, 'create').mockImplementation(async (...args) => {
      expect((await post(`${url}/visit`, undefined, cookie)).body).toEqual({ visitId: 'spring-sale' });
      return create(...args);
    });
    expect((await post(`${url}/login`, undefined, cookie)).status).toBe(200);
    const sessions = await exports.store.listByCustomer('customer-42');
    expect(sessions.map(({ visitId }) => visitId)).toEqual([undefined]);
  });

  it('a renewal whose end of the old session failed leaves that to deleteByCustomer', async () => {
    const { url, exports } = await start('functions');
    const old = (await post(`${url}/login`)).cookie;
    vi.spyOn(exports.store, 'delete').mockImplementationOnce(
      () => Promise.reject(new Error('down')) as never,
    );
    const failed = await post(`${url}/login`, undefined, old);
    expect(failed.status).toBe(503);
    const again = await post(`${url}/login`, undefined, failed.cookie);
    expect(again.status).toBe(200);
    const isLive = async (cookie: string) => (await get(`${url}/report`, cookie)).body;
    expect(await isLive(failed.cookie)).toEqual({ live: false });
    expect(await isLive(old)).toEqual({ live: true });
    const [newest] = await exports.store.listByCustomer('customer-42');
    await exports.store.deleteByCustomer('customer-42', { except: newest?.sessionId });
    expect(await isLive(old)).toEqual({ live: false });
    expect(await isLive(again.cookie)).toEqual({ live: true });
  });

  it.each([
    ['Express 5', {}],
    ['Express 4', express4],
  ])('a failure of the store is a 503 and does not end the process on %s', async (_name, options) => {
    const { url, exports } = await start('functions', options);
    const { cookie } = await post(`${url}/login`);
    for (const method of ['update', 'peek', 'delete', 'create'] as const)
      vi.spyOn(exports.store, method).mockImplementation(() => Promise.reject(new Error('down')) as never);
    for (const path of ['/visit', '/login', '/logout'])
      expect((await post(url + path, undefined, cookie)).status, path).toBe(503);
    expect((await get(`${url}/report`, cookie)).status).toBe(503);
  });
});

describe('several middlewares', () => {
  it('the router uses the session that the cookie identified, and its routes need authorize', async () => {
    const { url, exports } = await start('several', exportStore);
    const cookie = await cookieOfCustomer(exports.store, 'ann');
    const read = vi.spyOn(exports.store, 'get');
    expect((await get(`${url}/api/orders`, cookie)).body).toEqual({ customerId: 'ann' });
    expect(read).toHaveBeenCalledTimes(1);
    const created = await fetch(`${url}/api/sessions/new`, { method: 'PUT', headers: { cookie } });
    expect(created.status).toBe(403);
  });

  it('PUT sets no cookie, as that router has none', async () => {
    const { url } = await start('several', { replace: { '=== 8081': '> 0' } });
    const created = await fetch(`${url}/api/sessions/new`, { method: 'PUT' });
    expect(created.status).toBe(201);
    expect(created.headers.getSetCookie()).toEqual([]);
  });
});

it.each([
  ['Express 5', {}],
  ['Express 4', express4],
])('a store that fails is a 503, or no session with passOnStoreError, on %s', async (_name, options) => {
  const { url } = await start('store-down', options);
  expect((await get(`${url}/catalogue?sessionId=a`)).body).toEqual({ known: false });
  const failed = await fetch(`${url}/orders?sessionId=a`);
  expect(failed.status).toBe(503);
  expect(failed.headers.get('retry-after')).toBe('1');
  expect(await failed.json()).toEqual({ message: 'Please try again in a moment' });
  expect((await get(`${url}/orders`)).body).toEqual({ orders: [] });
});

describe('on node:http', () => {
  it('the routes need authorize, and requests without a session get the status of the error', async () => {
    const { url } = await start('node-http');
    expect((await fetch(`${url}/sessions/new`, { method: 'PUT' })).status).toBe(403);
    expect((await get(url)).status).toBe(400);
    expect((await get(`${url}/?sessionId=unknown`)).status).toBe(404);
    expect((await get(`${url}/%zz?sessionId=${'x'.repeat(5000)}`)).status).toBe(400);
  });

  it('shows the customer of a session', async () => {
    const { url } = await start('node-http', { replace: { '=== 8081': '> 0' } });
    const headers = { gkc_customerId: 'ann' };
    const created = await fetch(`${url}/sessions/new`, { method: 'PUT', headers });
    const { sessionId } = (await created.json()) as SessionInfo;
    expect((await get(`${url}/?sessionId=${sessionId}`)).body).toEqual({ customerId: 'ann' });
  });
});

describe('the tables', () => {
  it('requireSession responds as its table says', async () => {
    const { url, exports } = await start('order', {
      replace: {
        ...exportStore.replace,
        "{ cookie: { secret, sameSite: 'lax' } }": "{ sources: ['header'] }",
      },
    });
    const respond = async (gkc_sessionId: string[]) => {
      const headers = gkc_sessionId.map((id, i): [string, string] => [`gkc${'_-'[i]}sessionId`, id]);
      const response = await fetch(`${url}/orders`, { headers });
      const { error } = (await response.json()) as { error: { code: string } };
      return `${response.status} \`${error.code}\``;
    };
    const shown = [await respond([]), await respond(['a', 'b']), await respond(['unknown'])];
    expect(await respond(['a b'])).toBe(shown[0]);
    vi.spyOn(exports.store, 'get').mockImplementation(() => Promise.reject(new Error('down')) as never);
    const responses = rowsBelow(PAGE, '## requireSession').map(([, response]) => response);
    expect(responses.slice(0, 3)).toEqual(shown);
    expect(responses[3]).toBe('503 `store_unavailable` with `Retry-After`');
  });
});

describe('the samples for visitors', () => {
  it.each([
    ['Express 5', {}],
    ['Express 4', express4],
  ])('the functions keep visitors apart on %s', async (_name, options) => {
    const { url, exports } = await start('functions', options);
    exports.app.get('/who', (req, res) => void res.json({ customerId: req.sessionInfo?.customerId ?? null }));
    const logIn = async () => (await post(`${url}/login`)).cookie;
    await attackVisitors({ url, who: '/who', logIn, paths: ['/visit', '/login', '/report', '/logout'] });
  });

  it.each(['order', 'several'])('%s keeps visitors apart', async (name) => {
    const { url, exports } = await start(name, exportStore);
    const logIn = () => cookieOfCustomer(exports.store, 'ann');
    const who = name === 'order' ? '/articles' : '/api/orders';
    await attackVisitors({ url, who, logIn, paths: [who, '/orders'] });
  });

  it('do not start without a secret', () => {
    vi.stubEnv('SESSION_SECRET', '');
    const samples = blocksOf(PAGE).filter(({ text }) => text.includes('cookie:'));
    expect(samples.length).toBe(4);
    for (const { name } of samples) expect(() => runBlock(PAGE, name), name).toThrow('Set SESSION_SECRET');
  });
});
