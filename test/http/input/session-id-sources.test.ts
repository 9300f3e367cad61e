import { describe, expect, it } from 'vitest';
import { createMemoryStore, createSessionRouter, type SessionRouterOptions } from '../../../src/index.js';
import { freshPackage } from '../../fresh-package.js';
import { HOSTS, listen } from '../hosts.js';
import { rawRequest, requestBytes } from '../raw-request.js';
import { request } from '../request.js';
import { secret, signedCookie } from '../signed-cookie.js';

const sessionOf = ({ text }: { text: string }) => JSON.parse(text).sessionInfo;

describe.each(HOSTS)('the session of a request on $name', ({ listener, prefix }) => {
  const start = async (options?: SessionRouterOptions) => {
    const store = createMemoryStore();
    store.create('live', { customerId: 'c' });
    store.create('other', {});
    const { url, port } = await listen(listener(createSessionRouter(store, options)));
    return { port, get: (path: string) => request(url).get(prefix + path) };
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
});

it('warns once of two different cookies, and says what to do', async () => {
  const { loaded, warnings } = await freshPackage();
  const attach = loaded.attachSession(loaded.createMemoryStore(), { cookie: { secret } });
  const { url } = await listen((req, res) => attach(req, res, () => res.end()));
  for (let i = 0; i < 2; i++)
    await request(url)
      .get('/')
      .set('Cookie', `${signedCookie('one')}; ${signedCookie('two')}`);
  await new Promise(setImmediate);
  expect(warnings.map(({ code, message }) => [code, message])).toEqual([
    [
      'AMBIGUOUS_COOKIE',
      'A request carried two different cookies named connect.sid, so it has no session. After a change of "domain", "path" or ' +
        '"partitioned" browsers send the old cookie too: change "name" as well',
    ],
  ]);
});
