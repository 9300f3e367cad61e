import express, { type RequestHandler } from 'express';
import { describe, expect, it } from 'vitest';
import {
  type AttachSessionOptions,
  attachSession,
  createMemoryStore,
  createSessionRouter,
  renewSession,
  type SessionCookieOptions,
  type SessionRouterOptions,
  type SessionStore,
} from '../../src/index.js';
import { expectError } from './expect-answer.js';
import { HOSTS, listen, showSession } from './hosts.js';
import { rawRequest, requestBytes } from './raw-request.js';
import { request } from './request.js';

const secret = 'a secret';

/** A store that lists the reads it is asked for. */
function countingStore(): SessionStore & { reads: string[] } {
  const store = createMemoryStore();
  const reads: string[] = [];
  return {
    ...store,
    reads,
    get(sessionId) {
      reads.push(sessionId);
      return store.get(sessionId);
    },
  };
}

function downStore(): SessionStore {
  const fail = () => Promise.reject(new Error('connection refused by 10.0.0.1'));
  return { create: fail, get: fail, update: fail, delete: fail };
}

const sessionOf = (answer: { text: string }) => JSON.parse(answer.text).sessionInfo;
const cookieOf = (answer: { headers: Record<string, string> }) =>
  ([answer.headers['set-cookie'] ?? []].flat()[0] ?? '').split(';')[0] as string;

describe.each(HOSTS)('req.sessionInfo on $name', ({ listener, prefix }) => {
  const start = async (options?: SessionRouterOptions) => {
    const store = createMemoryStore();
    await store.create('live', { customerId: 'c' });
    await store.create('other', {});
    const { url, port } = await listen(listener(createSessionRouter(store, options)));
    return { url, port, get: (path: string) => request(url).get(prefix + path) };
  };

  it.each(['gkc_sessionId', 'gkc-sessionId', 'GKC_SESSIONID'])('is found by the header %s', async (name) => {
    const { get } = await start();
    expect(sessionOf(await get('/').set(name, 'live'))).toMatchObject({
      sessionId: 'live',
      customerId: 'c',
    });
  });

  it('is found by the query parameter sessionId', async () => {
    const { get } = await start();
    for (const query of [
      'x=1&sessionId=live&y=2',
      'sessionId=&sessionId=live',
      'sessionId=live&sessionId=live',
    ])
      expect(sessionOf(await get(`/a/b?${query}`))).toMatchObject({ sessionId: 'live' });
  });

  it.each([
    ['no ID', '/', {}],
    ['an unknown ID', '/?sessionId=unknown', {}],
    ['a malformed ID', '/', { gkc_sessionId: 'li ve' }],
    ['an ID 129 long', '/', { gkc_sessionId: 'x'.repeat(129) }],
    ['an empty ID', '/?sessionId=', { gkc_sessionId: '' }],
    ['the word new', '/?sessionId=new', {}],
    ['a name that begins with a question mark', '/??sessionId=live', {}],
    ['another parameter', '/?sessionid=live&sessionId[]=live', {}],
    ['a bad escape', '/?sessionId=%zz', {}],
    ['two IDs in the query', '/?sessionId=live&sessionId=other', {}],
    ['an ID in the path', '/&sessionId=live', {}],
  ])('is undefined for %s, which is no error', async (_, path, headers) => {
    const { get } = await start();
    const answer = await get(path).set(headers);
    expect(answer.status).toBe(200);
    expect(sessionOf(answer)).toBeNull();
  });

  it('is undefined for two different headers, and found for the same one twice', async () => {
    const { port } = await start();
    const bytes = (...headers: string[]) => requestBytes(`GET ${prefix}/`, headers);
    for (const other of ['gkc_sessionId: other', 'gkc-sessionId: other']) {
      expect(
        sessionOf({ text: (await rawRequest(port, bytes('gkc_sessionId: live', other))).body }),
      ).toBeNull();
    }
    const same = await rawRequest(port, bytes('gkc_sessionId: live', 'gkc-sessionId: live'));
    expect(sessionOf({ text: same.body })).toMatchObject({ sessionId: 'live' });
  });

  it('takes the first source that names something, live or not', async () => {
    const { get } = await start();
    expect(sessionOf(await get('/?sessionId=other').set('gkc_sessionId', 'live'))).toMatchObject({
      sessionId: 'live',
    });
    expect(sessionOf(await get('/?sessionId=live').set('gkc_sessionId', 'unknown'))).toBeNull();
    expect(sessionOf(await get('/?sessionId=live').set('gkc_sessionId', ''))).toMatchObject({
      sessionId: 'live',
    });
  });

  it('looks where `sources` says, in that order', async () => {
    const { get } = await start({ sources: ['query', 'header'] });
    expect(sessionOf(await get('/?sessionId=other').set('gkc_sessionId', 'live'))).toMatchObject({
      sessionId: 'other',
    });
    const headerOnly = await start({ sources: ['header'] });
    expect(sessionOf(await headerOnly.get('/?sessionId=live'))).toBeNull();
  });

  it('or asks a function', async () => {
    const { get } = await start({ sources: (req) => req.headers['x-visitor'] as string | undefined });
    expect(sessionOf(await get('/').set('x-visitor', 'live'))).toMatchObject({ sessionId: 'live' });
    expect(sessionOf(await get('/?sessionId=live'))).toBeNull();
    for (const nothing of [undefined, null, '']) {
      const { get } = await start({ sources: () => nothing as never });
      expect(sessionOf(await get('/?sessionId=live'))).toBeNull();
    }
  });

  it.each([
    ['a promise', async () => 'live'],
    ['a promise that rejects', async () => Promise.reject(new Error('later'))],
    ['an object', () => ({ toString: () => 'live' })],
  ])('hands %s of that function to the host, as an error that says what it must give', async (_, sources) => {
    const { get } = await start({ sources: sources as never });
    const answer = await get('/');
    expect(answer.status).toBe(500);
    expect(answer.text).toMatch(/must give a string or undefined, and no promise/);
  });

  it('hands an error of that function to the host', async () => {
    const { get } = await start({
      sources: () => {
        throw new Error('no such thing');
      },
    });
    const answer = await get('/');
    expect(answer.status).toBe(500);
    expect(answer.text).toContain('no such thing');
  });

  it('is frozen: writing to it changes no session', async () => {
    const store = createMemoryStore();
    await store.create('live', { customerId: 'c' });
    const vandal: RequestHandler = (req, res) => {
      expect(() => Object.assign(req.sessionInfo as object, { customerId: 'evil' })).toThrow(TypeError);
      showSession(req, res, () => {});
    };
    const { url } = await listen(listener(createSessionRouter(store), vandal));
    const answer = await request(url).get(`${prefix}/?sessionId=live`);
    expect(sessionOf(answer)).toMatchObject({ customerId: 'c' });
    expect(await store.get('live')).toMatchObject({ customerId: 'c' });
  });

  describe('autoCreate', () => {
    it('opens a session for a request that names none, and sets the cookie', async () => {
      const { get } = await start({ cookie: { secret }, autoCreate: true });
      for (const path of ['/', '/?sessionId=unknown', '/?sessionId=mal%20formed']) {
        const first = await get(path);
        expect(sessionOf(first)).toMatchObject({ sessionId: expect.any(String) });
        const second = await get('/').set('Cookie', cookieOf(first));
        expect(sessionOf(second)).toEqual(sessionOf(first));
        expect(second.headers['set-cookie']).toBeUndefined();
      }
    });

    it('asks identify, and reads no headers', async () => {
      const { get } = await start({
        cookie: { secret },
        autoCreate: true,
        identify: async () => ({ customerId: 'from-login' }),
      });
      expect(sessionOf(await get('/').set('gkc_customerId', 'forged'))).toMatchObject({
        customerId: 'from-login',
      });
      const anonymous = await start({ cookie: { secret }, autoCreate: true });
      expect(sessionOf(await anonymous.get('/').set('gkc_customerId', 'c'))).not.toHaveProperty('customerId');
    });

    const crossSite = { 'Sec-Fetch-Site': 'cross-site' };

    it('opens none for the page of another site, from which the browser keeps the cookie', async () => {
      const isOpened = async (
        sameSite: SessionCookieOptions['sameSite'],
        method: 'get' | 'head' | 'post',
        headers = crossSite,
      ) => {
        const secure = sameSite === 'none' || 'auto';
        const { url } = await start({ cookie: { secret, secure, sameSite }, autoCreate: true });
        return 'set-cookie' in (await request(url)[method](`${prefix}/`).set(headers)).headers;
      };
      expect(await isOpened(undefined, 'post')).toBe(false);
      expect(await isOpened(false, 'post')).toBe(false);
      expect(await isOpened('lax', 'post')).toBe(false);
      expect(await isOpened('auto', 'post')).toBe(false);
      expect(await isOpened('lax', 'get')).toBe(true);
      expect(await isOpened('lax', 'head')).toBe(true);
      expect(await isOpened('lax', 'post', { 'Sec-Fetch-Site': 'same-site' })).toBe(true);
      expect(await isOpened('strict', 'get')).toBe(false);
      expect(await isOpened(true, 'get')).toBe(false);
      expect(await isOpened('strict', 'get', { 'Sec-Fetch-Site': 'none' })).toBe(true);
    });

    it('opens one for the page of another site when the cookie is sent from there', async () => {
      const store = createMemoryStore();
      const router = createSessionRouter(store, {
        cookie: { secret, secure: true, sameSite: 'none' },
        autoCreate: true,
      });
      const auto = createSessionRouter(store, {
        cookie: { secret, name: 'auto', sameSite: 'auto' },
        autoCreate: true,
      });
      const lax = createSessionRouter(store, {
        cookie: { secret, name: 'lax', sameSite: 'lax' },
        autoCreate: true,
      });
      const { url } = await listen((req, res) => {
        Object.assign(req, { secure: true });
        const [request, response] = [req as never, res as never];
        router(request, response, () =>
          auto(request, response, () => lax(request, response, () => res.end())),
        );
      });
      const answer = await request(url).post('/').set(crossSite);
      expect([answer.headers['set-cookie']].flat().map((cookie) => String(cookie).split('=')[0])).toEqual([
        'connect.sid',
        'auto',
      ]);
    });

    it('leaves the cookie alone of a session that another source hides, as a link may have it', async () => {
      const { get } = await start({ sources: ['query', 'cookie'], cookie: { secret }, autoCreate: true });
      const first = await get('/');
      for (const query of ['sessionId=unknown', 'sessionId=mal%20formed', 'sessionId=a&sessionId=b']) {
        const hidden = await get(`/?${query}`).set('Cookie', cookieOf(first));
        expect(sessionOf(hidden)).toBeNull();
        expect(hidden.headers['set-cookie']).toBeUndefined();
      }
    });

    it('replaces the cookie of a session that is not live any more', async () => {
      const store = createMemoryStore();
      const { url } = await listen(
        listener(createSessionRouter(store, { cookie: { secret }, autoCreate: true })),
      );
      const first = await request(url).get(`${prefix}/`);
      await store.delete(sessionOf(first).sessionId);
      const second = await request(url).get(`${prefix}/`).set('Cookie', cookieOf(first));
      expect(cookieOf(second)).toContain(sessionOf(second).sessionId);
      expect(sessionOf(second).sessionId).not.toBe(sessionOf(first).sessionId);
    });

    it('opens none outside the path of the cookie, where the browser keeps back the one that it may have', async () => {
      const isOpened = async (path: string, target: string) => {
        const { url } = await start({ cookie: { secret, path: prefix + path }, autoCreate: true });
        return 'set-cookie' in (await request(url).get(prefix + target)).headers;
      };
      for (const target of ['/app', '/app/', '/app/x', '/app?sessionId=unknown'])
        expect(await isOpened('/app', target), target).toBe(true);
      for (const target of ['/', '/about', '/apple', '/APP/x', '/x/app', '/?/app'])
        expect(await isOpened('/app', target), target).toBe(false);
      expect(await isOpened('/app/', '/app/x')).toBe(true);
      expect(await isOpened('/app/', '/app')).toBe(false);
    });

    it('opens none beside a cookie that another site planted, which would hide the new one', async () => {
      const { get } = await start({ cookie: { secret }, autoCreate: true });
      const first = await get('/');
      const both = await get('/?sessionId=live').set('Cookie', `${cookieOf(first)}; connect.sid=planted`);
      expect(sessionOf(both)).toBeNull();
      expect(both.headers['set-cookie']).toBeUndefined();
    });

    it('opens none when the cookie may not be set', async () => {
      const { get } = await start({ cookie: { secret, secure: true }, autoCreate: true });
      const answer = await get('/');
      expect(sessionOf(answer)).toBeNull();
      expect(answer.headers['set-cookie']).toBeUndefined();
    });
  });

  describe('when the store is down', () => {
    const startDown = async (options?: SessionRouterOptions) => {
      const { url } = await listen(listener(createSessionRouter(downStore(), options)));
      return (headers = {}) => request(url).get(`${prefix}/`).set(headers);
    };

    it('hands a 503 with Retry-After to the host, for a request that names a session', async () => {
      const get = await startDown();
      const answer = await get({ gkc_sessionId: 'live' });
      expect(answer.status).toBe(503);
      expect(answer.headers['retry-after']).toBe('1');
      expect(answer.text).toContain('StoreUnavailableError: Session store unavailable');
      expect(answer.text).not.toContain('10.0.0.1');
      expect((await get()).status).toBe(200);
    });

    it('goes on without a session with onStoreError: continue', async () => {
      const get = await startDown({ onStoreError: 'continue', autoCreate: true, cookie: { secret } });
      for (const headers of [{}, { gkc_sessionId: 'live' }]) {
        const answer = await get(headers);
        expect(answer.status).toBe(200);
        expect(sessionOf(answer)).toBeNull();
        expect(answer.headers['set-cookie']).toBeUndefined();
      }
    });
  });
});

describe('attachSession', () => {
  const start = async (options: AttachSessionOptions, outer?: SessionRouterOptions) => {
    const store = countingStore();
    await store.create('live', {});
    await store.create('other', {});
    const app = express();
    if (outer) app.use(createSessionRouter(store, outer));
    app.get('/guarded', attachSession(store, options), showSession);
    app.get('/open', showSession);
    return { store, get: (path: string) => request(app).get(path) };
  };

  it('serves one route alone', async () => {
    const { get } = await start({});
    expect(sessionOf(await get('/guarded?sessionId=live'))).toMatchObject({ sessionId: 'live' });
    expect(sessionOf(await get('/open?sessionId=live'))).toBeNull();
    expect(sessionOf(await get('/guarded'))).toBeNull();
  });

  it('required: 400 without an ID or with a malformed one, 404 for an unknown one', async () => {
    const { get } = await start({ required: true });
    expectError(await get('/guarded'), 400, 'invalid_session_id', /required/);
    expectError(await get('/guarded?sessionId=mal%20formed'), 400, 'invalid_session_id');
    expectError(await get('/guarded?sessionId=live&sessionId=other'), 400, 'invalid_session_id');
    expectError(await get('/guarded?sessionId=unknown'), 404, 'session_not_found');
    expect(sessionOf(await get('/guarded?sessionId=live'))).toMatchObject({ sessionId: 'live' });
  });

  it('required: 503 of our own when the store is down', async () => {
    const app = express().get('/', attachSession(downStore(), { required: true }), showSession);
    const answer = await request(app).get('/?sessionId=live');
    expectError(answer, 503, 'store_unavailable', /^Session store unavailable$/);
    expect(answer.headers['retry-after']).toBe('1');
  });

  it('asks the store once for a session that an outer middleware found', async () => {
    const { get, store } = await start({ required: true }, {});
    expect(sessionOf(await get('/guarded?sessionId=live'))).toMatchObject({ sessionId: 'live' });
    expect(store.reads).toEqual(['live']);
  });

  it('without sources and cookie of its own looks where an outer middleware looked', async () => {
    const { get } = await start({ required: true }, { cookie: { secret }, autoCreate: true });
    const first = await get('/open');
    expect(first.status).toBe(200);
    const answer = await get('/guarded').set('Cookie', cookieOf(first));
    expect(sessionOf(answer)).toEqual(sessionOf(first));
    const cookieOnly = await start({ required: true }, { cookie: { secret }, sources: ['cookie'] });
    expectError(await cookieOnly.get('/guarded?sessionId=live'), 400, 'invalid_session_id');
    const headerOnly = await start({ required: true }, { sources: ['header'] });
    expectError(await headerOnly.get('/guarded').set('gkc_sessionId', 'unknown'), 404, 'session_not_found');
  });

  it('required: 404 below a router with autoCreate that could not make a session', async () => {
    const memory = createMemoryStore();
    let failing = true;
    const store: SessionStore = {
      ...memory,
      get(sessionId) {
        if (failing) throw new Error('once');
        return memory.get(sessionId);
      },
    };
    const app = express()
      .use(createSessionRouter(store, { cookie: { secret }, autoCreate: true, onStoreError: 'continue' }))
      .use((_req, _res, next) => {
        failing = false;
        next();
      })
      .get('/orders', attachSession(store, { required: true }), showSession);
    const answer = await request(app).get('/orders?sessionId=unknown');
    expectError(answer, 404, 'session_not_found');
    expect(answer.headers['set-cookie']).toBeUndefined();
  });

  it('leaves a host alone that has answered meanwhile', async () => {
    let answerCreate: () => void = () => {};
    const memory = createMemoryStore();
    const store: SessionStore = {
      ...memory,
      create: (sessionId, associations) =>
        new Promise((resolve) => {
          answerCreate = () => resolve(memory.create(sessionId, associations));
        }),
    };
    const errors: unknown[] = [];
    const attach = attachSession(store, { cookie: { secret }, autoCreate: true });
    const { url } = await listen((req, res) => {
      attach(req, res, (error) => void errors.push(error));
      setImmediate(() => res.end('the host was quicker'));
    });
    expect((await request(url).get('/')).text).toBe('the host was quicker');
    answerCreate();
    await new Promise(setImmediate);
    expect(errors).toEqual([undefined]);
  });

  it('makes no second session for a request that an outer middleware made one for', async () => {
    for (const inner of [{ required: true }, { cookie: { secret }, autoCreate: true }]) {
      const store = createMemoryStore();
      let created = 0;
      const counting: SessionStore = {
        ...store,
        create(sessionId, associations) {
          created++;
          return store.create(sessionId, associations);
        },
      };
      const app = express()
        .use(createSessionRouter(counting, { cookie: { secret }, autoCreate: true }))
        .get('/orders', attachSession(counting, inner), showSession);
      for (const [path, header] of [
        ['/orders', ''],
        ['/orders', 'unknown'],
        ['/orders?sessionId=unknown', ''],
        ['/orders?sessionId=mal%20formed', ''],
      ] as const) {
        created = 0;
        const answer = await request(app).get(path).set('gkc_sessionId', header);
        expect(answer.status).toBe(200);
        expect(created).toBe(1);
        expect(cookieOf(answer)).toContain(sessionOf(answer).sessionId);
      }
    }
  });

  it('required: 503, not 404, when an outer middleware went on without the store', async () => {
    const store = downStore();
    const app = express()
      .use(createSessionRouter(store, { onStoreError: 'continue' }))
      .get('/orders', attachSession(store, { required: true }), showSession);
    expectError(await request(app).get('/orders?sessionId=live'), 503, 'store_unavailable');
  });

  it('leaves its host code the cookie of an outer middleware', async () => {
    const store = createMemoryStore();
    const app = express()
      .use(createSessionRouter(store, { cookie: { secret }, autoCreate: true }))
      .get('/login', attachSession(store, { required: true }), (req, res, next) => {
        renewSession(req, res).then((info) => void res.json(info), next);
      });
    const answer = await request(app).get('/login');
    expect(answer.status).toBe(200);
    expect(await store.get(answer.body.sessionId)).toEqual(answer.body);
    expect(cookieOf(answer)).toContain(answer.body.sessionId);
  });

  it('asks the store once also with sources of its own, when they name the same session', async () => {
    const { get, store } = await start({ sources: ['query'] }, { sources: ['query', 'header'] });
    expect(sessionOf(await get('/guarded?sessionId=live'))).toMatchObject({ sessionId: 'live' });
    expect(store.reads).toEqual(['live']);
  });

  it('asks a store of its own, whatever an outer middleware with another one found', async () => {
    const [mine, theirs] = [createMemoryStore(), createMemoryStore()];
    await mine.create('both', { customerId: 'mine' });
    await theirs.create('both', { customerId: 'theirs' });
    await theirs.create('only-theirs', {});
    const app = express().use(createSessionRouter(theirs)).use(attachSession(mine), showSession);
    expect(sessionOf(await request(app).get('/?sessionId=both'))).toMatchObject({ customerId: 'mine' });
    expect(sessionOf(await request(app).get('/?sessionId=only-theirs'))).toBeNull();
  });

  it('asks no store about what is no ID', async () => {
    const { get, store } = await start({});
    for (const query of ['', '?sessionId=', '?sessionId=mal%20formed', '?sessionId=a&sessionId=b']) {
      expect(sessionOf(await get(`/guarded${query}`))).toBeNull();
    }
    expect(store.reads).toEqual([]);
  });

  it('required: says that an ID is required when a function gives none', async () => {
    for (const nothing of [undefined, null, '']) {
      const { get } = await start({ required: true, sources: () => nothing as never });
      expectError(await get('/guarded'), 400, 'invalid_session_id', /required/);
    }
  });

  it('is not satisfied by a session found where it does not look', async () => {
    const { get } = await start(
      { required: true, sources: ['cookie'], cookie: { secret } },
      { cookie: { secret } },
    );
    expectError(await get('/guarded?sessionId=live'), 400, 'invalid_session_id');
    const other = await start({ sources: ['query'] }, {});
    expect(sessionOf(await other.get('/guarded').set('gkc_sessionId', 'live'))).toBeNull();
    const both = await other.get('/guarded?sessionId=other').set('gkc_sessionId', 'live');
    expect(sessionOf(both)).toMatchObject({ sessionId: 'other' });
  });

  it('is not satisfied by a cookie that an outer middleware set with another secret', async () => {
    const { get } = await start(
      { required: true, sources: ['cookie'], cookie: { secret: 'another secret' } },
      { autoCreate: true, cookie: { secret } },
    );
    expectError(await get('/guarded'), 400, 'invalid_session_id');
  });

  it('sees the session that an outer middleware made for this very request', async () => {
    const { get } = await start(
      { required: true, cookie: { secret } },
      { autoCreate: true, cookie: { secret } },
    );
    const answer = await get('/guarded');
    expect(answer.status).toBe(200);
    expect(sessionOf(await get('/guarded').set('Cookie', cookieOf(answer)))).toEqual(sessionOf(answer));
  });
});
