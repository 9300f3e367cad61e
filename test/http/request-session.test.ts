import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import express, { type RequestHandler } from 'express';
import { describe, expect, it } from 'vitest';
import { inTurn, type RequestSession } from '../../src/http/request-session.js';
import {
  type AttachSessionOptions,
  attachSession,
  createMemoryStore,
  createSessionRouter,
  endSession,
  getSession,
  renewSession,
  requireSession,
  type SessionMiddleware,
  type SessionRouterOptions,
  updateSession,
} from '../../src/index.js';
import type { Awaitable } from '../../src/session-store.js';
import { freshPackage } from '../fresh-package.js';
import { expectError } from './expect-response.js';
import { showSession } from './hosts.js';
import { failingStore, observedStore } from './observed-store.js';
import { request } from './request.js';
import { cookieOf, secret, setCookies, signedCookie } from './signed-cookie.js';

const sessionOf = ({ text }: { text: string }) => JSON.parse(text).sessionInfo;
const byCookie = { Cookie: signedCookie('live') };

/** An app with these middlewares on one store, and its responses. */
async function start(
  first: AttachSessionOptions | SessionMiddleware,
  second: AttachSessionOptions | SessionMiddleware,
  after: RequestHandler[] = [],
) {
  const memory = createMemoryStore();
  await memory.create('live', { customerId: 'c' });
  await memory.create('other', {});
  const store = observedStore(memory);
  const app = express();
  for (const given of [first, second])
    app.use(typeof given === 'function' ? given : attachSession(store, given));
  app.use(...after, showSession);
  return { store, memory, get: (path: string, headers = {}) => request(app).get(path).set(headers) };
}

describe('a later middleware with the same store', () => {
  it('uses the session that the earlier one found, without another call to the store', async () => {
    const { get, store } = await start({ cookie: { secret } }, {}, [requireSession()]);
    expect(sessionOf(await get('/', byCookie))).toMatchObject({ sessionId: 'live' });
    expect(store.calls).toEqual(['get live']);
  });

  it('never falls back to other sources', async () => {
    for (const second of [{}, { passOnStoreError: true }, { identify: () => undefined }]) {
      const { get, store } = await start({ cookie: { secret } }, second, [requireSession()]);
      const response = await get('/?sessionId=live', { gkc_sessionId: 'live' });
      expectError(response, 400, 'invalid_session_id', /required/);
      expectError(
        await get('/?sessionId=live', { Cookie: signedCookie('unknown') }),
        404,
        'session_not_found',
      );
      expect(store.calls).toEqual(['get unknown']);
    }
  });

  it('may be a router at the root', async () => {
    const memory = createMemoryStore();
    await memory.create('live', {});
    const store = observedStore(memory);
    const app = express()
      .use(
        attachSession(store, { cookie: { secret } }),
        createSessionRouter(store, { authorize: () => true }),
      )
      .use(showSession);
    expect(sessionOf(await request(app).get('/?sessionId=live'))).toBeNull();
    expect(sessionOf(await request(app).get('/').set(byCookie))).toMatchObject({ sessionId: 'live' });
    expect(store.calls).toEqual(['get live']);
    // The routes follow the router's own options: no cookie.
    expect(setCookies(await request(app).put('/sessions/new'))).toEqual([]);
  });

  it('finds the session again after a middleware with another store', async () => {
    const theirs = createMemoryStore();
    await theirs.create('theirs', {});
    const { get, store } = await start({ cookie: { secret } }, attachSession(theirs), [
      (req, _res, next) => {
        expect(req.sessionInfo?.sessionId).toBe('theirs');
        next();
      },
      (req, res, next) => attachSession(store)(req, res, next),
    ]);
    expect(sessionOf(await get('/?sessionId=theirs', byCookie))).toMatchObject({ sessionId: 'live' });
    expect(store.calls).toEqual(['get live']);
  });

  it('has the earlier one’s value of every option that it does not set', async () => {
    const renew: RequestHandler = (req, res, next) => void renewSession(req, res).then(() => next(), next);
    const { get } = await start({ cookie: { secret }, generateId: () => 'generated' }, {}, [renew]);
    expect(setCookies(await get('/'))).toEqual([expect.stringContaining(signedCookie('generated'))]);
    const own = await start({ cookie: { secret } }, { generateId: () => 'own' }, [renew]);
    expect(setCookies(await own.get('/'))).toEqual([expect.stringContaining(signedCookie('own'))]);
    const failing = failingStore();
    const passing = await start(attachSession(failing, { passOnStoreError: true }), attachSession(failing));
    expect((await passing.get('/?sessionId=live')).status).toBe(200);
    const strict = await start(
      attachSession(failing, { passOnStoreError: true }),
      attachSession(failing, { passOnStoreError: false }),
    );
    expect((await strict.get('/?sessionId=live')).status).toBe(503);
  });

  it('can not undo activity, and counts it if it is the first to do so', async () => {
    const calls = async (first: AttachSessionOptions, second: AttachSessionOptions) => {
      const { get, store } = await start(first, second);
      expect(sessionOf(await get('/?sessionId=live'))).toMatchObject({ sessionId: 'live' });
      return store.calls;
    };
    expect(await calls({}, { extend: false })).toEqual(['get live']);
    expect(await calls({ extend: false }, {})).toEqual(['peek live']);
    expect(await calls({ extend: false }, { extend: true })).toEqual(['peek live', 'get live']);
    expect(await calls({ extend: false }, { sources: ['query'] })).toEqual(['peek live', 'get live']);
    expect(await calls({}, { sources: ['query'], extend: false })).toEqual(['get live']);
  });

  it('sees what the functions for your own routes did in between', async () => {
    const end: RequestHandler = (req, res, next) => void endSession(req, res).then(() => next(), next);
    const { get, store } = await start({ cookie: { secret } }, end as SessionMiddleware, [
      (req, res, next) => attachSession(store)(req, res, next),
    ]);
    expect(sessionOf(await get('/', byCookie))).toBeNull();
  });

  it('sees the session that the earlier one created, and creates no second one', async () => {
    const creating: SessionRouterOptions = { cookie: { secret }, autoCreate: true };
    for (const second of [{}, creating]) {
      const { get, store } = await start(creating, second, [requireSession()]);
      for (const cookie of ['', signedCookie('unknown')]) {
        store.calls.splice(0);
        const response = await get('/', { Cookie: cookie });
        expect(store.calls.filter((call) => call.startsWith('create'))).toHaveLength(1);
        expect(cookieOf(response)).toBe(signedCookie(sessionOf(response).sessionId));
      }
    }
  });
});

describe('a later middleware with sources or a cookie of its own', () => {
  it('works independently: a session found where it does not look does not count', async () => {
    const { get } = await start({ sources: ['query'] }, { cookie: { secret } }, [requireSession()]);
    expectError(await get('/?sessionId=live'), 400, 'invalid_session_id', /required/);
    expect(sessionOf(await get('/?sessionId=other', byCookie))).toMatchObject({ sessionId: 'live' });
  });

  it('reads a session that the earlier one found only once', async () => {
    const { get, store } = await start({ sources: ['query', 'header'] }, { sources: ['query'] });
    expect(sessionOf(await get('/?sessionId=live'))).toMatchObject({ sessionId: 'live' });
    expect(store.calls).toEqual(['get live']);
  });

  it('accepts no cookie that the earlier one set with another secret', async () => {
    const { get } = await start(
      { autoCreate: true, cookie: { secret: 'another secret' } },
      { cookie: { secret } },
      [requireSession()],
    );
    expectError(await get('/'), 400, 'invalid_session_id');
  });
});

describe('a later middleware with another store', () => {
  it('works independently, and its session is the current one', async () => {
    const [mine, theirs] = [createMemoryStore(), createMemoryStore()];
    await mine.create('both', { customerId: 'mine' });
    await theirs.create('both', { customerId: 'theirs' });
    await theirs.create('only-theirs', {});
    const { get } = await start(attachSession(theirs), attachSession(mine), [
      (req, _res, next) => void updateSession(req, { visitId: 'v' }).then(() => next(), next),
    ]);
    expect(sessionOf(await get('/?sessionId=both'))).toMatchObject({ customerId: 'mine', visitId: 'v' });
    expect(await theirs.get('both')).not.toHaveProperty('visitId');
    expect(sessionOf(await get('/?sessionId=only-theirs'))).toBeNull();
  });

  it('and the same cookie name makes the process warn once', async () => {
    const { loaded, warnings } = await freshPackage();
    const attach = (name?: string) =>
      loaded.attachSession(loaded.createMemoryStore(), { cookie: { secret, name } });
    const distinct = await start(attach(), attach('other.sid'));
    await distinct.get('/');
    const { get } = await start(attach(), attach('connect.sid'));
    for (let i = 0; i < 3; i++) await get('/');
    await new Promise(setImmediate);
    expect(warnings.map(({ code }) => code)).toEqual(['SHARED_COOKIE_NAME']);
    expect(warnings[0]?.message).toMatch(/different stores and one cookie name, "connect\.sid".*own "name"$/);
  });
});

describe('a hook that calls a function of its own request', () => {
  it.each([
    ['generateId for renewSession', { generateId: true }],
    ['generateId for autoCreate', { generateId: true, autoCreate: true }],
    ['identify for autoCreate', { identify: true, autoCreate: true }],
  ])(
    'gets an error at once instead of waiting for itself: %s',
    async (_, {
      autoCreate,
      ...hooks
    }: { autoCreate?: boolean; generateId?: boolean; identify?: boolean }) => {
      const hook = async (req: unknown) => {
        await Promise.resolve();
        await updateSession(req as never, { visitId: 'v' });
        return 'generated' as never;
      };
      const { get } = await start(
        {
          cookie: { secret },
          autoCreate,
          ...(hooks.generateId && { generateId: hook }),
          ...(hooks.identify && { identify: hook }),
        },
        (_req, _res, next) => next(),
        [(req, res, next) => void renewSession(req, res).then(() => next(), next)],
      );
      const response = await get('/').timeout(5000);
      expect(response.status).toBe(500);
      expect(response.text).toMatch(
        /a hook such as generateId or identify called a function of the same request/,
      );
    },
  );

  it('may do so once it has returned', async () => {
    let updated: Promise<unknown> | undefined;
    const { get } = await start(
      {
        cookie: { secret },
        generateId(req) {
          updated = new Promise((resolve) =>
            setTimeout(() => resolve(updateSession(req, { visitId: 'v' })), 20),
          );
          return 'generated';
        },
      },
      (_req, _res, next) => next(),
      [
        (req, res, next) =>
          void renewSession(req, res)
            .then(() => updated)
            .then(() => next(), next),
      ],
    );
    expect(sessionOf(await get('/'))).toMatchObject({ sessionId: 'generated', visitId: 'v' });
  });
});

/** A request and its response without a server, and whether the middleware called `next` with an error. */
function withoutServer(cookie?: string) {
  const req = new IncomingMessage(new Socket());
  if (cookie !== undefined) req.headers.cookie = cookie;
  const res = new ServerResponse(req);
  const pass = (middleware: SessionMiddleware) =>
    new Promise<unknown>((resolve) => middleware(req, res, resolve));
  const codeOf = () => {
    try {
      return getSession(req).sessionId;
    } catch (error) {
      return (error as { code?: string }).code;
    }
  };
  return { req, res, pass, codeOf };
}

const unavailable = () => Promise.reject(new Error('down'));

describe('the session of a request', () => {
  it('is none if a function in sources throws', async () => {
    const { pass, codeOf } = withoutServer();
    const fails = () => {
      throw new Error('a bug of the app');
    };
    expect(await pass(attachSession(createMemoryStore(), { sources: [fails] }))).toMatchObject({
      message: 'a bug of the app',
    });
    expect(codeOf()).toBe('invalid_session_id');
  });

  it('is unknown once it has ended, and still none if there was none', async () => {
    for (const [cookie, code] of [
      [signedCookie('live'), 'session_not_found'],
      [undefined, 'invalid_session_id'],
    ] as const) {
      const store = createMemoryStore();
      store.create('live', {});
      const { req, res, pass, codeOf } = withoutServer(cookie);
      await pass(attachSession(store, { cookie: { secret } }));
      await endSession(req, res);
      expect(codeOf()).toBe(code);
    }
  });

  it('is unknown if it had ended before a renewal that fails, and still none if there was none', async () => {
    for (const [cookie, code, calls] of [
      [signedCookie('live'), 'session_not_found', ['get live', 'create']],
      [undefined, 'invalid_session_id', ['create']],
    ] as const) {
      const memory = createMemoryStore();
      memory.create('live', {});
      const store = observedStore({ ...memory, create: unavailable });
      const { req, res, pass, codeOf } = withoutServer(cookie);
      await pass(attachSession(store, { cookie: { secret } }));
      memory.delete('live');
      store.calls.splice(0);
      await expect(renewSession(req, res)).rejects.toMatchObject({ code: 'store_unavailable' });
      expect(store.calls.map((call) => call.replace(/^create .*/, 'create'))).toEqual(calls);
      expect(codeOf()).toBe(code);
    }
  });

  it('is not read again after a renewal, nor after it was created', async () => {
    const memory = createMemoryStore();
    memory.create('live', {});
    for (const cookie of [signedCookie('live'), undefined]) {
      const store = observedStore(memory);
      const { req, res, pass } = withoutServer(cookie);
      await pass(attachSession(store, { cookie: { secret }, autoCreate: cookie === undefined }));
      if (cookie !== undefined) await renewSession(req, res);
      store.calls.splice(0);
      await pass(attachSession(store));
      expect(store.calls).toEqual([]);
      expect((req as { sessionInfo?: unknown }).sessionInfo).toBeDefined();
    }
  });

  it('of an earlier store does not show in req.sessionInfo, also if its call ends later', async () => {
    let goOn = () => {};
    const waits = new Promise<void>((resolve) => (goOn = resolve));
    const first = createMemoryStore();
    first.create('live', { customerId: 'first' });
    const second = createMemoryStore();
    second.create('live', { customerId: 'second' });
    const slow = observedStore(first, (call) => (call.startsWith('update') ? waits : undefined));
    const { req, pass } = withoutServer(signedCookie('live'));
    await pass(attachSession(slow, { cookie: { secret } }));
    const update = updateSession(req, { visitId: 'v' });
    await pass(
      attachSession(second, { cookie: { secret, name: 'other.sid' }, sources: [() => 'live', 'cookie'] }),
    );
    goOn();
    expect(await update).toMatchObject({ customerId: 'first', visitId: 'v' });
    expect((req as { sessionInfo?: unknown }).sessionInfo).toMatchObject({ customerId: 'second' });
  });
});

describe('inTurn', () => {
  const session = () => ({ lastCall: undefined }) as RequestSession;
  const req = new IncomingMessage(new Socket());

  it('starts a call only after all that were there before it', async () => {
    const order: string[] = [];
    const own = session();
    const call = (name: string) => async () => {
      order.push(`${name} begins`);
      await new Promise(setImmediate);
      order.push(`${name} ends`);
    };
    const first = inTurn(req, own, call('first'));
    const second = inTurn(req, own, call('second'));
    await first;
    await inTurn(req, own, call('third'));
    await second;
    expect(order).toEqual([
      'first begins',
      'first ends',
      'second begins',
      'second ends',
      'third begins',
      'third ends',
    ]);
  });

  it('is synchronous again once none is in progress', async () => {
    const own = session();
    await inTurn(req, own, async () => 1);
    await new Promise(setImmediate);
    expect(inTurn(req, own, () => 2 as Awaitable<number>)).toBe(2);
  });
});
