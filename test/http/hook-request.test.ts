import { AsyncResource } from 'node:async_hooks';
import type { IncomingMessage } from 'node:http';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import express, { type RequestHandler } from 'express';
import { describe, expect, it, vi } from 'vitest';
import { callHook } from '../../src/http/hook-request.js';
import {
  attachSession,
  createMemoryStore,
  createSessionRouter,
  reloadSession,
  requireSession,
  type SessionRouterOptions,
  type SessionStore,
} from '../../src/index.js';
import { expectError, expectSession } from './expect-response.js';
import { HOSTS, listen } from './hosts.js';
import { request } from './request.js';
import { HOST_RESPONSE } from './validate-response.js';

const throws = () => {
  throw new Error('a bug of the app');
};
const rejects = async () => throws();

function raise(thrown: unknown): never {
  throw thrown;
}

describe.each(HOSTS)('hooks on $name', ({ listener, prefix }) => {
  const start = async (options: SessionRouterOptions) => {
    const store = createMemoryStore();
    await store.create('live', { customerId: 'c' });
    const { url } = await listen(listener(createSessionRouter(store, { allowDelete: true, ...options })));
    const call = (method: 'put' | 'get' | 'post' | 'delete', path: string) =>
      request(url)[method](prefix + path);
    return { store, call };
  };

  describe('authorize', () => {
    it('receives what the caller is about to do', async () => {
      const authorize = vi.fn(async (_req: unknown, _action: unknown) => true);
      const { call } = await start({ authorize });
      await call('put', '/sessions/new');
      await call('get', '/sessions/live');
      await call('post', '/sessions/live');
      await call('delete', '/sessions/live');
      expect(authorize.mock.calls.map(([, action]) => action)).toEqual([
        { action: 'create' },
        { action: 'read', sessionId: 'live' },
        { action: 'update', sessionId: 'live' },
        { action: 'delete', sessionId: 'live' },
      ]);
    });

    it.each([false, undefined, null, 1, 'yes', {}])(
      'refuses with 403 unless it returns true: %j',
      async (verdict) => {
        const { store, call } = await start({ authorize: () => verdict as never });
        for (const response of [
          await call('put', '/sessions/new'),
          await call('get', '/sessions/live'),
          await call('get', '/sessions/unknown'),
          await call('post', '/sessions/live').set('gkc_customerId', 'evil'),
          await call('delete', '/sessions/live'),
        ]) {
          expectError(response, 403, 'forbidden', /^Forbidden$/);
        }
        expect(await store.get('live')).toMatchObject({ customerId: 'c' });
      },
    );

    it('is not called for a request that the routes refuse anyway', async () => {
      const authorize = vi.fn(() => true);
      const { call } = await start({ authorize });
      await call('get', '/sessions/new');
      await call('get', '/sessions/mal%20formed');
      await call('put', '/sessions/live');
      await call('get', '/elsewhere?sessionId=live');
      await call('get', '/sessions/%zz');
      expect(authorize).not.toHaveBeenCalled();
    });
  });

  describe('generateId', () => {
    it('returns the ID of PUT', async () => {
      const { call } = await start({ generateId: async () => 'made-here' });
      expectSession(await call('put', '/sessions/new'), 201, { sessionId: 'made-here' });
    });

    it.each(['live', '', '0'])('that returns %j is an error of the app', async (id) => {
      const { call } = await start({ generateId: () => id });
      const response = await call('put', '/sessions/new');
      expect(response.status).toBe(500);
      expect(response.text).toMatch(/option \\"generateId\\"/);
    });
  });

  describe('identify', () => {
    it('provides agentId and customerId, and nothing else', async () => {
      const identify = () => ({ agentId: 'a', customerId: 'c2', visitId: 'v', sessionId: 's' });
      const { call } = await start({ identify });
      expectSession(await call('post', '/sessions/live').set('gkc_agentId', 'forged'), 200, {
        agentId: 'a',
        customerId: 'c2',
      });
    });

    it.each([7, 'c', [], { customerId: 7 }, { agentId: 'a\nb' }])(
      'that returns %j is an error of the app',
      async (value) => {
        const { store, call } = await start({ identify: () => value as never });
        const response = await call('post', '/sessions/live').send({ visitId: 'v' });
        expect(response.status).toBe(500);
        expect(response.text).toMatch(
          /option \\"identify\\" must return \{ agentId, customerId \} or undefined: \w/,
        );
        expect(await store.get('live')).not.toHaveProperty('visitId');
      },
    );
  });

  it.each(['authorize', 'identify', 'generateId'] as const)(
    '%s that throws something that is not an Error fails closed',
    async (name) => {
      for (const thrown of [undefined, null, 0, 'route', 'router']) {
        for (const hook of [() => Promise.reject(thrown), () => raise(thrown)]) {
          const { call } = await start({ [name]: hook });
          const response = await call('put', '/sessions/new');
          expect(response.status).toBe(500);
          expect(response.text).toMatch(/A hook threw something that is not an Error/);
        }
      }
    },
  );

  it.each(['authorize', 'identify', 'generateId'] as const)(
    '%s that throws an imitation of our error, or an unreadable one, goes to next(error)',
    async (name) => {
      const trap = () => raise(new Error('a trap'));
      const named = { name: 'StoreUnavailableError', status: 200, message: 'a bug of the app' };
      for (const thrown of [
        Object.assign(new Error(), named, { headers: null }),
        Object.assign(new Error(), named, { headers: { 'x-of-hook': 'y' } }),
        Object.assign(new URIError('a bug of the app'), { status: 400 }),
        new Proxy(new Error(), { getPrototypeOf: trap, get: trap }),
      ]) {
        const { call } = await start({ [name]: () => Promise.reject(thrown) });
        const response = await call('put', '/sessions/new').timeout(5000);
        expect(response.text).toMatch(/hostError/);
        expect(response.text).not.toMatch(/store_unavailable|invalid_session_id/);
      }
    },
  );

  it('a function in sources that throws something that is not an Error fails closed', async () => {
    for (const thrown of [undefined, 'route', 'router']) {
      const { call } = await start({ sources: [() => raise(thrown)] });
      expect((await call('get', '/elsewhere')).text).toMatch(/A hook threw something that is not an Error/);
    }
  });

  it.each(['authorize', 'identify', 'generateId'] as const)(
    '%s that throws or rejects goes to next(error)',
    async (name) => {
      for (const hook of [throws, rejects, () => decodeURIComponent('%')]) {
        const { call } = await start({ [name]: hook });
        const response = await call('put', '/sessions/new');
        expect(response.status).toBe(500);
        expect(response.text).toMatch(/hostError.*(a bug of the app|URI malformed)/);
      }
    },
  );
});

it('keeps no request in memory once it has settled, whatever it has started', async () => {
  setFlagsFromString('--expose-gc');
  const collectGarbage = runInNewContext('gc') as () => void;
  const started: unknown[] = [];
  const requests = await Promise.all(
    Array.from({ length: 10 }, async () => {
      const req = {} as IncomingMessage;
      await callHook(req, async () => void started.push(AsyncResource.bind(() => {})));
      return new WeakRef(req);
    }),
  );
  await new Promise(setImmediate);
  collectGarbage();
  expect(started).toHaveLength(10);
  expect(requests.filter((ref) => ref.deref()).length).toBeLessThan(5);
});

it('that calls a function of the same request throws, of the other build too', async () => {
  vi.resetModules();
  const other: { reloadSession: typeof reloadSession } = await import('../../src/index.js');
  expect(other.reloadSession).not.toBe(reloadSession);
  for (const reload of [reloadSession, other.reloadSession]) {
    const attach = attachSession(createMemoryStore(), {
      cookie: { secret: 's' },
      autoCreate: true,
      identify: async (req) => ({ customerId: (await reload(req))?.customerId }),
    });
    const { url } = await listen((req, res) => attach(req, res, (error) => void res.end(`${error}`)));
    const { text } = await request(url).get('/').timeout(5000);
    expect(text).toMatch(
      /^Error: a hook such as generateId or identify called a function of the same request/,
    );
  }
});

describe('a middleware that throws when the response ends', () => {
  /** As express-session does for a session of its own that can't be serialized. */
  const throwOnce: RequestHandler = (_req, res, next) => {
    const { end } = res;
    res.end = (() => {
      res.end = end;
      throw new Error('a bug of the app');
    }) as never;
    next();
  };
  const start = async (...handlers: RequestHandler[]) => {
    const { url } = await listen(
      express()
        .use(throwOnce, ...handlers)
        .use(((error, _req, res, _next) => {
          res.status(500).set(HOST_RESPONSE, 'error').json(`${error}`);
        }) as express.ErrorRequestHandler),
    );
    return (path: string) => request(url).get(path).timeout(5000);
  };
  const memory = createMemoryStore();
  const store: SessionStore = { ...memory, get: async (sessionId) => memory.get(sessionId) };

  it('is an error of the app, also while the package responds with an error', async () => {
    const routes = await start(createSessionRouter(store));
    for (const path of ['/sessions/unknown', '/sessions/no%20id', '/sessions/new', '/sessions/%zz']) {
      const response = await routes(path);
      expect([response.status, response.text]).toEqual([500, '"Error: a bug of the app"']);
    }
    const required = await start(attachSession(store), requireSession());
    for (const path of ['/?sessionId=unknown', '/']) {
      const response = await required(path);
      expect([response.status, response.text]).toEqual([500, '"Error: a bug of the app"']);
    }
  });
});
