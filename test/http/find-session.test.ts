import { describe, expect, it } from 'vitest';
import {
  attachSession,
  createMemoryStore,
  createSessionRouter,
  type SessionRouterOptions,
} from '../../src/index.js';
import { HOSTS, listen, showSession } from './hosts.js';
import { failingStore, observedStore } from './observed-store.js';
import { rawRequest, requestBytes } from './raw-request.js';
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
      'sessionId=0000-0000&sessionId=live',
    ])
      expect(sessionOf(await get(`/a/b?${query}`)), query).toMatchObject({ sessionId: 'live' });
  });

  it('is found by the signed cookie', async () => {
    const { get } = await start({ cookie: { secret } });
    expect(sessionOf(await get('/').set('Cookie', signedCookie('live')))).toMatchObject({
      sessionId: 'live',
    });
  });

  it.each([
    ['no ID', '/', {}],
    ['an unknown ID', '/?sessionId=unknown', {}],
    ['a malformed ID', '/', { gkc_sessionId: 'li ve' }],
    ['an ID of 129 characters', '/', { gkc_sessionId: 'x'.repeat(129) }],
    ['an empty ID', '/?sessionId=', { gkc_sessionId: '' }],
    ['a placeholder', '/?sessionId=0', { gkc_sessionId: '00000000-0000-0000-0000-0000000000' }],
    ['the word new', '/?sessionId=new', {}],
    ['a name that begins with a question mark', '/??sessionId=live', {}],
    ['another parameter', '/?sessionid=live&sessionId[]=live', {}],
    ['a percent-encoding that can not be decoded', '/?sessionId=%zz', {}],
    ['two IDs in the query', '/?sessionId=live&sessionId=other', {}],
    ['an ID in the path', '/&sessionId=live', {}],
  ])('is undefined for %s, which is not an error', async (_, path, headers) => {
    const { get } = await start();
    const response = await get(path).set(headers);
    expect(response.status).toBe(200);
    expect(sessionOf(response)).toBeNull();
  });

  it('is undefined for two different headers, and found for the same value twice', async () => {
    const { port } = await start();
    const send = async (...headers: string[]) =>
      sessionOf({ text: (await rawRequest(port, requestBytes(`GET ${prefix}/`, headers))).body });
    for (const other of ['gkc_sessionId: other', 'gkc-sessionId: other'])
      expect(await send('gkc_sessionId: live', other)).toBeNull();
    expect(await send('gkc_sessionId: live', 'gkc-sessionId: live')).toMatchObject({ sessionId: 'live' });
  });

  it('follows the first source with a value, live or not', async () => {
    const { get } = await start();
    const byBoth = async (header: string, query: string) =>
      sessionOf(await get(`/?sessionId=${query}`).set('gkc_sessionId', header));
    expect(await byBoth('live', 'other')).toMatchObject({ sessionId: 'live' });
    expect(await byBoth('unknown', 'live')).toBeNull();
    expect(await byBoth('li ve', 'live')).toBeNull();
    expect(await byBoth('', 'live')).toMatchObject({ sessionId: 'live' });
    expect(await byBoth('000-0', 'live')).toMatchObject({ sessionId: 'live' });
  });

  it('is found where `sources` says, in that order', async () => {
    const { get } = await start({ sources: ['query', 'header'] });
    expect(sessionOf(await get('/?sessionId=other').set('gkc_sessionId', 'live'))).toMatchObject({
      sessionId: 'other',
    });
    const headerOnly = await start({ sources: ['header'] });
    expect(sessionOf(await headerOnly.get('/?sessionId=live'))).toBeNull();
  });

  it('is found by the cookie alone if there is one: an ID in a link decides nothing', async () => {
    const { get } = await start({ cookie: { secret } });
    expect(sessionOf(await get('/?sessionId=live').set('gkc_sessionId', 'live'))).toBeNull();
    expect(sessionOf(await get('/?sessionId=other').set('Cookie', signedCookie('live')))).toMatchObject({
      sessionId: 'live',
    });
  });

  it('falls through to the next source for a cookie that does not verify', async () => {
    const { get } = await start({ sources: ['cookie', 'query'], cookie: { secret } });
    const forged = signedCookie('other', 'connect.sid', 'another secret');
    expect(sessionOf(await get('/?sessionId=live').set('Cookie', forged))).toMatchObject({
      sessionId: 'live',
    });
  });

  it('is found by a function among the sources, which may return nothing', async () => {
    const { get } = await start({ sources: [(req) => req.headers['x-visitor'] as string, 'query'] });
    expect(sessionOf(await get('/?sessionId=other').set('x-visitor', 'live'))).toMatchObject({
      sessionId: 'live',
    });
    for (const nothing of [undefined, null, '', '0-0']) {
      const { get } = await start({ sources: [() => nothing, 'query'] });
      expect(sessionOf(await get('/?sessionId=live'))).toMatchObject({ sessionId: 'live' });
    }
  });

  it.each([
    ['a promise', async () => 'live'],
    ['a promise that rejects', async () => Promise.reject(new Error('later'))],
    ['an object', () => ({ toString: () => 'live' })],
  ])('is an error of the app if that function returns %s', async (_, source) => {
    const { get } = await start({ sources: [source as never] });
    const response = await get('/');
    expect(response.status).toBe(500);
    expect(response.text).toMatch(/must return a string or undefined, not a promise/);
  });

  it('is an error of the app if that function throws', async () => {
    const { get } = await start({
      sources: [
        () => {
          throw new Error('no such thing');
        },
      ],
    });
    const response = await get('/');
    expect(response.status).toBe(500);
    expect(response.text).toContain('no such thing');
  });

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
