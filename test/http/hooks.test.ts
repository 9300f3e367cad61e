import express, { type RequestHandler, type Router } from 'express';
import { describe, expect, it, vi } from 'vitest';
import {
  attachSession,
  createMemoryStore,
  createSessionRouter,
  type SessionRouterOptions,
  type SessionStore,
} from '../../src/index.js';
import { expectError, expectSession } from './expect-answer.js';
import { HOSTS, listen } from './hosts.js';
import { request } from './request.js';
import { HOST_ANSWER } from './validate-answer.js';

const boom = () => {
  throw new Error('a bug of the host');
};
const asyncBoom = async () => boom();

function raise(thrown: unknown): never {
  throw thrown;
}

describe.each(HOSTS)('the hooks of the host on $name', ({ listener, prefix }) => {
  const start = async (options: SessionRouterOptions) => {
    const store = createMemoryStore();
    await store.create('live', { customerId: 'c' });
    const { url } = await listen(listener(createSessionRouter(store, { allowDelete: true, ...options })));
    const call = (method: 'put' | 'get' | 'post' | 'delete', path: string) =>
      request(url)[method](prefix + path);
    return { store, call };
  };

  describe('authorize', () => {
    it('is told what the caller is about to do', async () => {
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

    it.each([false, undefined, null, 1, 'yes', {}])('anything but true is 403: %j', async (verdict) => {
      const { store, call } = await start({ authorize: () => verdict as never });
      for (const answer of [
        await call('put', '/sessions/new'),
        await call('get', '/sessions/live'),
        await call('get', '/sessions/unknown'),
        await call('post', '/sessions/live').set('gkc_customerId', 'evil'),
        await call('delete', '/sessions/live'),
      ]) {
        expectError(answer, 403, 'forbidden', /^Forbidden$/);
      }
      expect(await store.get('live')).toMatchObject({ customerId: 'c' });
    });

    it('is not asked about what is wrong anyway', async () => {
      const authorize = vi.fn(() => true);
      const { call } = await start({ authorize });
      await call('get', '/sessions/new');
      await call('get', '/sessions/mal%20formed');
      await call('put', '/sessions/live');
      await call('get', '/elsewhere?sessionId=live');
      expect(authorize).not.toHaveBeenCalled();
    });
  });

  describe('generateId', () => {
    it('is asked three times while its IDs are taken', async () => {
      const generateId = vi.fn(() => 'live');
      const { call } = await start({ generateId });
      expect((await call('put', '/sessions/new')).status).toBe(500);
      expect(generateId).toHaveBeenCalledTimes(3);
    });

    it('makes the IDs of PUT, at once or with a promise', async () => {
      const { call } = await start({ generateId: async () => 'made-here' });
      expectSession(await call('put', '/sessions/new'), 201, { sessionId: 'made-here' });
    });

    it('is asked again when its ID is taken, and gives up with an error of the host', async () => {
      const ids = ['live', 'live', 'free'];
      const { call } = await start({ generateId: () => ids.shift() ?? 'live' });
      expectSession(await call('put', '/sessions/new'), 201, { sessionId: 'free' });
      const answer = await call('put', '/sessions/new');
      expect(answer.status).toBe(500);
      expect(answer.text).toMatch(/option \\"generateId\\" gave the ID of a live session/);
    });

    it.each([undefined, '', 'new', 'a b', 'x'.repeat(129), 7, '..'])(
      'that gives %j is an error of the host',
      async (id) => {
        const { call } = await start({ generateId: () => id as never });
        const answer = await call('put', '/sessions/new');
        expect(answer.status).toBe(500);
        expect(answer.text).toMatch(/option \\"generateId\\" must give 1 to 128/);
      },
    );
  });

  describe('identify', () => {
    it('gives agentId and customerId, and nothing else', async () => {
      const identify = () => ({ agentId: 'a', customerId: 'c2', visitId: 'v', sessionId: 's' });
      const { call } = await start({ identify });
      expectSession(await call('post', '/sessions/live').set('gkc_agentId', 'forged'), 200, {
        agentId: 'a',
        customerId: 'c2',
      });
    });

    it.each([7, 'c', [], { customerId: 7 }, { agentId: 'a\nb' }])(
      'that gives %j is an error of the host',
      async (value) => {
        const { store, call } = await start({ identify: () => value as never });
        const answer = await call('post', '/sessions/live').send({ visitId: 'v' });
        expect(answer.status).toBe(500);
        expect(answer.text).toMatch(
          /option \\"identify\\" must answer \{ agentId, customerId \} or undefined: \w/,
        );
        expect(await store.get('live')).not.toHaveProperty('visitId');
      },
    );
  });

  it.each(['authorize', 'identify', 'generateId'] as const)(
    '%s that throws no Error fails closed',
    async (name) => {
      for (const thrown of [undefined, null, 0, 'route', 'router']) {
        for (const hook of [() => Promise.reject(thrown), () => raise(thrown)]) {
          const { call } = await start({ [name]: hook });
          const answer = await call('put', '/sessions/new');
          expect(answer.status).toBe(500);
          expect(answer.text).toMatch(/A hook threw what is no Error/);
        }
      }
    },
  );

  it.each(['authorize', 'identify', 'generateId'] as const)(
    '%s that throws what looks like an error of ours, or can not be read, goes to next(err) all the same',
    async (name) => {
      const trap = () => raise(new Error('a trap'));
      const named = { name: 'StoreUnavailableError', status: 200, message: 'a bug of the host' };
      for (const thrown of [
        Object.assign(new Error(), named, { headers: null }),
        Object.assign(new Error(), named, { headers: { 'x-of-hook': 'y' } }),
        Object.assign(new URIError('a bug of the host'), { status: 400 }),
        new Proxy(new Error(), { getPrototypeOf: trap, get: trap }),
      ]) {
        const { call } = await start({ [name]: () => Promise.reject(thrown) });
        const answer = await call('put', '/sessions/new').timeout(5000);
        expect(answer.text).toMatch(/hostError/);
        expect(answer.text).not.toMatch(/store_unavailable|invalid_session_id/);
      }
    },
  );

  it('sources that throw no Error fail closed too', async () => {
    for (const thrown of [undefined, 'route', 'router']) {
      const { call } = await start({ sources: () => raise(thrown) });
      expect((await call('get', '/elsewhere')).text).toMatch(/A hook threw what is no Error/);
    }
  });

  it.each(['authorize', 'identify', 'generateId'] as const)(
    '%s that throws or rejects goes to next(err)',
    async (name) => {
      for (const hook of [boom, asyncBoom, () => decodeURIComponent('%')]) {
        const { call } = await start({ [name]: hook });
        const answer = await call('put', '/sessions/new');
        expect(answer.status).toBe(500);
        expect(answer.text).toMatch(/hostError.*(a bug of the host|URI malformed)/);
      }
    },
  );
});

describe('what stands before the response', () => {
  /** As express-session does at the end of the response, for a session of its own that is no JSON. */
  const throwOnce: RequestHandler = (_req, res, next) => {
    const { end } = res;
    res.end = (() => {
      res.end = end;
      throw new Error('a bug of the host');
    }) as never;
    next();
  };
  const start = async (guard: (store: SessionStore) => RequestHandler | Router) => {
    const { url } = await listen(
      express()
        .use(throwOnce)
        .use(guard(lateStore))
        .use(((error, _req, res, _next) => {
          res.status(500).set(HOST_ANSWER, 'error').json(`${error}`);
        }) as express.ErrorRequestHandler),
    );
    return (path: string) => request(url).get(path).timeout(5000);
  };
  const memory = createMemoryStore();
  const lateStore: SessionStore = { ...memory, get: async (sessionId) => memory.get(sessionId) };

  it('and throws when an error is answered is an error of the host', async () => {
    const get = await start((store) => createSessionRouter(store));
    for (const path of ['/sessions/unknown', '/sessions/no%20id', '/sessions/new', '/sessions/%zz']) {
      const answer = await get(path);
      expect([answer.status, answer.text]).toEqual([500, '"Error: a bug of the host"']);
    }
    const required = await start((store) => attachSession(store, { required: true }));
    for (const path of ['/?sessionId=unknown', '/']) {
      const answer = await required(path);
      expect([answer.status, answer.text]).toEqual([500, '"Error: a bug of the host"']);
    }
  });
});
