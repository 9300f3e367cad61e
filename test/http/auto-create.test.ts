import { connect } from 'node:net';
import type { RequestHandler } from 'express';
import { describe, expect, it, vi } from 'vitest';
import {
  attachSession,
  createMemoryStore,
  createSessionRouter,
  type SessionCookieOptions,
  type SessionRouterOptions,
} from '../../src/index.js';
import { GONE, PROTOCOLS } from './gone-client.js';
import { HOSTS, listen, showSession } from './hosts.js';
import { observedStore } from './observed-store.js';
import { request } from './request.js';
import { cookieOf, secret, setCookies, signedCookie } from './signed-cookie.js';

const sessionOf = ({ text }: { text: string }) => JSON.parse(text).sessionInfo;

describe.each(HOSTS)('autoCreate on $name', ({ listener, prefix }) => {
  const start = async (
    options: Partial<SessionRouterOptions> = {},
    cookie: Partial<SessionCookieOptions> = {},
  ) => {
    const memory = createMemoryStore();
    await memory.create('live', {});
    const store = observedStore(memory);
    const router = createSessionRouter(store, {
      cookie: { secret, ...cookie },
      autoCreate: true,
      ...options,
    });
    const { url } = await listen(listener(router));
    return {
      store,
      memory,
      get: (path: string, cookieHeader = '') =>
        request(url)
          .get(prefix + path)
          .set('Cookie', cookieHeader),
      /** Whether a request creates a session: in the store, on the request and in the cookie, or in none of them. */
      async creates(path: string, headers = {}, method: 'get' | 'head' | 'post' | 'options' = 'get') {
        store.calls.splice(0);
        const response = await request(url)
          [method](prefix + path)
          .set(headers);
        expect(response.status).toBe(200);
        const isSet = setCookies(response).length > 0;
        expect(store.calls.some((call) => call.startsWith('create'))).toBe(isSet);
        if (method !== 'head' && isSet) expect(cookieOf(response)).toContain(sessionOf(response).sessionId);
        return isSet;
      },
    };
  };

  it('creates a session for a request without one, and sets the cookie, which finds it', async () => {
    const { get } = await start();
    const first = await get('/');
    expect(sessionOf(first)).toMatchObject({ sessionId: expect.any(String) });
    const second = await get('/', cookieOf(first));
    expect(sessionOf(second)).toEqual(sessionOf(first));
    expect(setCookies(second)).toEqual([]);
  });

  it('replaces a cookie that does not verify, or whose session has ended', async () => {
    const { get } = await start();
    for (const cookieHeader of [
      signedCookie('ended'),
      'connect.sid=unsigned',
      signedCookie('live', undefined, 'x'),
    ]) {
      const response = await get('/', cookieHeader);
      expect(cookieOf(response)).toBe(signedCookie(sessionOf(response).sessionId));
    }
  });

  it('creates a session for an unknown, malformed or ambiguous ID of another source', async () => {
    const { creates } = await start({ sources: ['query', 'cookie'] });
    for (const query of ['sessionId=unknown', 'sessionId=mal%20formed', 'sessionId=a&sessionId=b'])
      expect(await creates(`/?${query}`), query).toBe(true);
  });

  it('creates none if a verified cookie is overridden by another source', async () => {
    const { creates } = await start({ sources: ['query', 'cookie'] });
    for (const query of ['sessionId=unknown', 'sessionId=mal%20formed', 'sessionId=a&sessionId=b'])
      expect(await creates(`/?${query}`, { Cookie: signedCookie('live') }), query).toBe(false);
    expect(await creates('/?sessionId=ended', { Cookie: signedCookie('ended') })).toBe(true);
  });

  it('creates none if the cookie arrives twice: the other one would hide the new one', async () => {
    const { creates } = await start();
    for (const cookieHeader of [
      `${signedCookie('live')}; connect.sid=planted`,
      `connect.sid=planted; ${signedCookie('ended')}`,
      'connect.sid=planted; connect.sid=planted-too',
    ])
      expect(await creates('/', { Cookie: cookieHeader })).toBe(false);
    expect(await creates('/', { Cookie: `${signedCookie('ended')}; ${signedCookie('ended')}` })).toBe(true);
  });

  it('associates what identify returns, and reads no headers', async () => {
    const identified = await start({ identify: async () => ({ customerId: 'from-login' }) });
    expect(sessionOf(await identified.get('/').set('gkc_customerId', 'forged'))).toMatchObject({
      customerId: 'from-login',
    });
    const anonymous = await start();
    expect(sessionOf(await anonymous.get('/').set('gkc_customerId', 'c'))).not.toHaveProperty('customerId');
  });

  it('creates none for OPTIONS', async () => {
    const { creates } = await start();
    const preflight = { Origin: 'https://b.example', 'Access-Control-Request-Method': 'PUT' };
    expect(await creates('/', preflight, 'options')).toBe(false);
  });

  it('creates none outside the path of the cookie, where the browser may have one and does not send it', async () => {
    const { creates } = await start({}, { path: `${prefix}/app` });
    for (const target of ['/app', '/app/', '/app/x', '/app?sessionId=unknown', '/app//'])
      expect(await creates(target), target).toBe(true);
    for (const target of ['/', '/about', '/apple', '/APP/x', '/x/app', '/?/app', '/%61pp'])
      expect(await creates(target), target).toBe(false);
    const below = await start({}, { path: `${prefix}/app/` });
    expect(await below.creates('/app/x')).toBe(true);
    expect(await below.creates('/app')).toBe(false);
  });

  it('creates none over plain HTTP with secure: true', async () => {
    const { creates } = await start({}, { secure: true });
    expect(await creates('/')).toBe(false);
  });
});

describe('autoCreate for a request from another site', () => {
  /** Whether a request with these Fetch Metadata headers, `site mode dest`, creates a session. */
  const creates = async (
    fetchMetadata: string,
    cookie: Partial<SessionCookieOptions> = {},
    { method = 'get' as 'get' | 'head' | 'post', secure = false } = {},
  ) => {
    const [site = '', mode = '', dest = ''] = fetchMetadata.split(' ');
    const attach = attachSession(createMemoryStore(), { cookie: { secret, ...cookie }, autoCreate: true });
    const { url } = await listen((req, res) => {
      Object.assign(req, { secure });
      attach(req, res, () => res.end());
    });
    const response = await request(url)
      [method]('/')
      .set({
        'Sec-Fetch-Site': site,
        ...(mode && { 'Sec-Fetch-Mode': mode }),
        ...(dest && { 'Sec-Fetch-Dest': dest }),
      });
    return setCookies(response).length > 0;
  };

  it.each([
    ['an image', 'cross-site no-cors image'],
    ['a script', 'cross-site no-cors script'],
    ['a beacon', 'cross-site no-cors empty'],
    ['fetch', 'cross-site cors empty'],
    ['a frame', 'cross-site navigate iframe'],
    ['a nested object', 'cross-site navigate object'],
    ['a WebSocket', 'cross-site websocket empty'],
    ['a request that does not say for what', 'cross-site cors'],
  ])('creates none for %s, unless SameSite is none', async (_, fetchMetadata) => {
    for (const sameSite of [undefined, false, true, 'lax', 'strict', 'auto'] as const)
      expect(await creates(fetchMetadata, { sameSite }), `${sameSite}`).toBe(false);
    const https = { secure: true };
    expect(await creates(fetchMetadata, { sameSite: 'none', secure: true }, https)).toBe(true);
    expect(await creates(fetchMetadata, { sameSite: 'auto' }, https)).toBe(true);
    expect(await creates(fetchMetadata, { sameSite: 'lax' }, https)).toBe(false);
  });

  it('creates one for a link that opens a page, unless SameSite is strict', async () => {
    for (const link of ['cross-site navigate document', 'cross-site']) {
      for (const sameSite of [undefined, false, 'lax', 'auto'] as const) {
        expect(await creates(link, { sameSite }), `${sameSite}`).toBe(true);
        expect(await creates(link, { sameSite }, { method: 'head' })).toBe(true);
      }
      for (const sameSite of [true, 'strict'] as const) expect(await creates(link, { sameSite })).toBe(false);
    }
  });

  it('creates none for a form that is posted, unless SameSite is none', async () => {
    const form = 'cross-site navigate document';
    for (const sameSite of [undefined, false, 'lax', 'auto'] as const)
      expect(await creates(form, { sameSite }, { method: 'post' })).toBe(false);
    const https = { method: 'post', secure: true } as const;
    expect(await creates(form, { sameSite: 'none', secure: true }, https)).toBe(true);
  });

  it('creates one for any request from the site itself', async () => {
    for (const site of ['same-origin', 'same-site', 'none'])
      for (const rest of ['', ' no-cors image', ' cors empty', ' navigate iframe'])
        for (const sameSite of ['lax', 'strict'] as const)
          expect(await creates(site + rest, { sameSite }, { method: 'post' }), site + rest).toBe(true);
  });
});

describe('autoCreate on a response that can not carry the cookie', () => {
  const options = { cookie: { secret }, autoCreate: true };

  it('creates none, and calls next without an error, if the response has begun', async () => {
    const store = observedStore(createMemoryStore());
    const attach = attachSession(store, options);
    const next = vi.fn();
    const { url } = await listen((req, res) => {
      res.flushHeaders();
      attach(req, res, next);
      res.end();
    });
    expect(setCookies(await request(url).get('/'))).toEqual([]);
    expect(next.mock.calls).toEqual([[]]);
    expect(store.calls).toEqual([]);
  });

  it('keeps none if the response begins while the session is created', async () => {
    const memory = createMemoryStore();
    let created = () => {};
    const wait = new Promise<void>((resolve) => {
      created = resolve;
    });
    const store = observedStore(memory, (call) => call === 'create late' && wait);
    const attach = attachSession(store, { ...options, generateId: () => 'late' });
    const next = vi.fn();
    const { url } = await listen((req, res) => {
      attach(req, res, next);
      setImmediate(() => res.end('the app was quicker'));
    });
    expect((await request(url).get('/')).text).toBe('the app was quicker');
    created();
    await expect.poll(() => next.mock.calls).toEqual([[]]);
    expect(store.calls).toEqual(['create late', 'delete late']);
    expect(await memory.get('late')).toBeUndefined();
  });

  it('creates none for the upgrade to a WebSocket', async () => {
    const store = observedStore(createMemoryStore());
    const attach = attachSession(store, options);
    const { server, port } = await listen(() => {});
    const attached = new Promise<unknown>((resolve) => {
      server.on('upgrade', (req, socket) =>
        attach(req, {} as never, (error) => {
          socket.destroy();
          resolve(error);
        }),
      );
    });
    connect(port, '127.0.0.1')
      .on('error', () => {})
      .write('GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n');
    expect(await attached).toBeUndefined();
    expect(store.calls).toEqual([]);
  });
});

describe('Cache-Control of a response that sets the cookie', () => {
  it('is private, unless the app sets its own', async () => {
    const get = async (route: RequestHandler) => {
      const attach = attachSession(createMemoryStore(), { cookie: { secret }, autoCreate: true });
      const { url } = await listen((req, res) =>
        attach(req, res, () => route(req as never, res as never, () => {})),
      );
      return (await request(url).get('/')).headers['cache-control'];
    };
    expect(await get(showSession)).toBe('private');
    expect(await get((_req, res) => void res.setHeader('Cache-Control', 'public, max-age=60').end())).toBe(
      'public, max-age=60',
    );
  });
});

it.each(PROTOCOLS)(
  'autoCreate creates nothing for a client that has closed the connection: %s',
  async (protocol) => {
    const store = observedStore(createMemoryStore());
    const attach = attachSession(store, { cookie: { secret }, autoCreate: true });
    const error = await new Promise(
      (resolve) => void GONE[protocol]('', (req, res) => attach(req, res, resolve)),
    );
    expect(error).toBeUndefined();
    expect(store.calls).toEqual([]);
  },
);
