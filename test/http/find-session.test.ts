import { describe, expect, it } from 'vitest';
import {
  attachSession,
  createMemoryStore,
  createSessionRouter,
  type SessionRouterOptions,
} from '../../src/index.js';
import { HOSTS, listen, showSession } from './hosts.js';
import { failingStore, observedStore } from './observed-store.js';
import { request } from './request.js';
import { secret, setCookies, signedCookie } from './signed-cookie.js';

const sessionOf = ({ text }: { text: string }) => JSON.parse(text).sessionInfo;

describe.each(HOSTS)('req.sessionInfo on $name', ({ listener, prefix }) => {
  const start = async (options?: SessionRouterOptions, after?: typeof showSession) => {
    const memory = createMemoryStore();
    await memory.create('live', { customerId: 'c' });
    await memory.create('other', {});
    const store = observedStore(memory);
    const { url, port } = await listen(listener(createSessionRouter(store, options), after));
    return { port, store, get: (path: string) => request(url).get(prefix + path) };
  };

  it('is frozen: writing to it changes no session', async () => {
    const { get, store } = await start({}, (req, res, next) => {
      expect(() => Object.assign(req.sessionInfo as object, { customerId: 'evil' })).toThrow(TypeError);
      showSession(req, res, next);
    });
    expect(sessionOf(await get('/?sessionId=live'))).toMatchObject({ customerId: 'c' });
    expect(await store.get('live')).toMatchObject({ customerId: 'c' });
  });

  it('costs one call to the store, and none for something that is not an ID', async () => {
    const { get, store } = await start();
    await get('/?sessionId=live');
    await get('/?sessionId=unknown');
    for (const query of ['', '?sessionId=', '?sessionId=mal%20formed', '?sessionId=a&sessionId=b'])
      await get(`/${query}`);
    expect(store.calls).toEqual(['get live', 'get unknown']);
  });

  describe('when the store fails', () => {
    const startFailing = async (options?: SessionRouterOptions) => {
      const { url } = await listen(listener(createSessionRouter(failingStore(), options)));
      return (headers = {}) => request(url).get(`${prefix}/`).set(headers);
    };

    it('is a 503 with Retry-After for your error handler, if the request has an ID', async () => {
      const get = await startFailing();
      const response = await get({ gkc_sessionId: 'live' });
      expect(response.status).toBe(503);
      expect(response.headers['retry-after']).toBe('1');
      expect(response.text).toContain('StoreUnavailableError: Session store unavailable');
      expect(response.text).not.toContain('10.0.0.1');
      expect((await get()).status).toBe(200);
    });

    it('is undefined with passOnStoreError', async () => {
      const get = await startFailing({ passOnStoreError: true, autoCreate: true, cookie: { secret } });
      for (const headers of [{}, { Cookie: signedCookie('live') }]) {
        const response = await get(headers);
        expect(response.status).toBe(200);
        expect(sessionOf(response)).toBeNull();
        expect(setCookies(response)).toEqual([]);
      }
    });
  });
});

it('passes an error of identify on, also with autoCreate and passOnStoreError', async () => {
  const attach = attachSession(createMemoryStore(), {
    cookie: { secret },
    autoCreate: true,
    passOnStoreError: true,
    identify: () => Promise.reject(new Error('a bug of the app')),
  });
  const { url } = await listen((req, res) => attach(req, res, (error) => void res.end(`${error}`)));
  expect((await request(url).get('/')).text).toBe('Error: a bug of the app');
});

describe('extend: false', () => {
  it('attaches without counting as activity', async () => {
    const memory = createMemoryStore();
    await memory.create('live', {});
    const store = observedStore(memory);
    const attach = attachSession(store, { extend: false });
    const { url } = await listen((req, res) =>
      attach(req, res, () => showSession(req as never, res as never, () => {})),
    );
    expect(sessionOf(await request(url).get('/?sessionId=live'))).toMatchObject({ sessionId: 'live' });
    expect(store.calls).toEqual(['peek live']);
  });
});
