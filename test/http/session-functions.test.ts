import type { IncomingMessage, ServerResponse } from 'node:http';
import { describe, expect, it } from 'vitest';
import {
  attachSession,
  createMemoryStore,
  endSession,
  getSession,
  reloadSession,
  renewSession,
  type SessionRouterOptions,
  updateSession,
} from '../../src/index.js';
import { HOSTS, listen } from './hosts.js';
import { observedStore } from './observed-store.js';
import { request } from './request.js';
import { type RouteCode, respondWith } from './respond-with.js';
import { secret, setCookies, signedCookie } from './signed-cookie.js';
import { startWithLive } from './start-with-live.js';

const cookie = { secret };
const CLEARED = 'connect.sid=; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT; HttpOnly';

describe.each(HOSTS)('the functions for your own routes, on $name', ({ listener, prefix }) => {
  const start = (code: RouteCode, options?: SessionRouterOptions) =>
    startWithLive({ listener, prefix }, code, options);

  describe('getSession', () => {
    it('returns the session', async () => {
      const { info, call, calls } = await start((req) => getSession(req));
      expect(await call()).toMatchObject({ value: info });
      expect(calls).toEqual([]);
    });

    it('throws what requireSession would respond with', async () => {
      const { call } = await start((req) => getSession(req));
      expect(await call({})).toMatchObject({ code: 'invalid_session_id', status: 400 });
      expect(await call({ Cookie: signedCookie('unknown') })).toMatchObject({
        code: 'session_not_found',
        status: 404,
      });
    });
  });

  describe('updateSession', () => {
    it('sets associations, keeps the others, and makes req.sessionInfo current', async () => {
      const { memory, call } = await start((req) => updateSession(req, { customerId: 'c', visitId: '' }));
      const { value, sessionInfo, cookies } = await call();
      expect(value).toMatchObject({ sessionId: 'live', agentId: 'a', customerId: 'c', visitId: 'v' });
      expect(sessionInfo).toEqual(value);
      expect(await memory.get('live')).toEqual(value);
      expect(cookies).toEqual([]);
    });

    it('removes a member that is null, and leaves one that is undefined', async () => {
      const { memory, call } = await start((req) =>
        updateSession(req, { agentId: null, visitId: undefined, customerId: null }),
      );
      const { sessionInfo } = await call();
      expect(sessionInfo).toMatchObject({ visitId: 'v' });
      expect(sessionInfo).not.toHaveProperty('agentId');
      expect(await memory.get('live')).toEqual(sessionInfo);
    });

    it('returns undefined without a session, and does not call the store', async () => {
      const { call, calls } = await start((req) => updateSession(req, { customerId: 'c' }));
      expect(await call({})).toMatchObject({ value: null, sessionInfo: null });
      expect(calls).toEqual([]);
    });

    it('returns undefined if the session was ended meanwhile', async () => {
      const { memory, call } = await start(async (req) => {
        await memory.delete('live');
        return updateSession(req, { customerId: 'c' });
      });
      expect(await call()).toMatchObject({ value: null, sessionInfo: null });
      expect(await memory.get('live')).toBeUndefined();
    });

    it.each([
      [
        'a value of another type',
        { agentId: 'b', customerId: 7 },
        /^SessionError: customerId must be a string$/,
      ],
      [
        'an unknown member',
        { agentId: 'b', custmerId: 'c' },
        /custmerId is not an association; use agentId, /,
      ],
      ['a list', [], /must be an object/],
      ['nothing', undefined, /must be an object/],
    ])('rejects %s and changes nothing', async (_, associations, message) => {
      const { memory, info, call, calls } = await start((req) => updateSession(req, associations as never));
      expect(await call()).toMatchObject({
        error: expect.stringMatching(message),
        code: 'invalid_field',
        status: 400,
        sessionInfo: info,
      });
      expect(calls).toEqual([]);
      expect(await memory.get('live')).toEqual(info);
    });
  });

  describe('reloadSession', () => {
    it('returns the session as it is in the store now', async () => {
      const { memory, call, calls } = await start(async (req) => {
        await memory.update('live', { customerId: 'of another request' });
        return reloadSession(req);
      });
      const { value, sessionInfo } = await call();
      expect(value).toMatchObject({ sessionId: 'live', customerId: 'of another request' });
      expect(sessionInfo).toEqual(value);
      expect(calls).toEqual(['get live']);
    });

    it('does not count as activity with extend: false', async () => {
      const { call, calls } = await start((req) => reloadSession(req, { extend: false }));
      expect((await call()).value).toMatchObject({ sessionId: 'live' });
      expect(calls).toEqual(['peek live']);
    });

    it('returns undefined without a session, or if it was ended meanwhile', async () => {
      const { memory, call, calls } = await start(async (req) => {
        await memory.delete('live');
        return reloadSession(req);
      });
      expect(await call()).toMatchObject({ value: null, sessionInfo: null });
      calls.splice(0);
      expect(await call({})).toMatchObject({ value: null, sessionInfo: null });
      expect(calls).toEqual([]);
    });

    it.each([{ extnd: false }, { extend: 'false' }, null])('rejects the options %j', async (options) => {
      const { call, calls } = await start((req) => reloadSession(req, options as never));
      expect((await call()).error).toMatch(/^TypeError: reloadSession: /);
      expect(calls).toEqual([]);
    });
  });

  describe('endSession', () => {
    it('ends the session and removes the cookie from the browser', async () => {
      const { memory, call } = await start(endSession);
      expect(await call()).toMatchObject({ value: true, sessionInfo: null, cookies: [CLEARED] });
      expect(await memory.get('live')).toBeUndefined();
    });

    it('returns false without a live session, and removes the cookie all the same', async () => {
      const { call, calls } = await start(endSession);
      for (const cookieHeader of ['', signedCookie('unknown'), 'connect.sid=forged'])
        expect(await call({ Cookie: cookieHeader })).toMatchObject({
          value: false,
          sessionInfo: null,
          cookies: [CLEARED],
        });
      expect(calls).toEqual([]);
    });

    it('ends the session after the response has begun, and leaves the cookie', async () => {
      const { memory, call } = await start((req, res) => {
        res.writeHead(200);
        return endSession(req, res);
      });
      expect(await call()).toMatchObject({ value: true, sessionInfo: null, cookies: [] });
      expect(await memory.get('live')).toBeUndefined();
    });

    it('ends the session if the response begins meanwhile', async () => {
      const { memory, call } = await start((req, res) => {
        const ended = endSession(req, res);
        res.writeHead(200);
        return ended;
      });
      expect(await call()).toMatchObject({ value: true, sessionInfo: null, cookies: [] });
      expect(await memory.get('live')).toBeUndefined();
    });

    it('sets no cookie without the option', async () => {
      const { memory, call } = await start(endSession, {});
      expect(await call({ gkc_sessionId: 'live' })).toMatchObject({ value: true, cookies: [] });
      expect(await memory.get('live')).toBeUndefined();
    });

    it('returns true, then false', async () => {
      const { call } = await start(async (req, res) => [
        await endSession(req, res),
        await endSession(req, res),
      ]);
      expect((await call()).value).toEqual([true, false]);
    });
  });

  it('leave one cookie, the last, next to your own', async () => {
    const { call } = await start(async (req, res) => {
      res.setHeader('Set-Cookie', ['theirs=1', 'connect.sid.too=2']);
      await renewSession(req, res);
      await renewSession(req, res);
      await endSession(req, res);
    });
    expect((await call()).cookies.map((line: string) => line.split(';')[0])).toEqual([
      'theirs=1',
      'connect.sid.too=2',
      'connect.sid=',
    ]);
  });
});

describe('on an upgrade request, where the response is an empty object', () => {
  async function attach() {
    const store = createMemoryStore();
    await store.create('live', {});
    const req = { url: '/', headers: { cookie: signedCookie('live') } } as never as IncomingMessage;
    const res = {} as ServerResponse;
    await new Promise<unknown>((next) => attachSession(store, { cookie })(req, res, next));
    return { store, req, res };
  }

  it('endSession ends the session', async () => {
    const { store, req, res } = await attach();
    expect(await endSession(req, res)).toBe(true);
    expect(await store.get('live')).toBeUndefined();
  });

  it('updateSession and reloadSession work', async () => {
    const { store, req } = await attach();
    expect(await updateSession(req, { visitId: 'v' })).toMatchObject({ visitId: 'v' });
    await store.delete('live');
    expect(await reloadSession(req)).toBeUndefined();
    expect(() => getSession(req)).toThrow('Session not found');
  });

  it('renewSession rejects and changes nothing, as the cookie can not be sent', async () => {
    const { store, req, res } = await attach();
    await expect(renewSession(req, res)).rejects.toThrow(/before the response begins/);
    expect(await store.get('live')).toEqual(getSession(req));
  });
});

describe('endSession and a Secure cookie', () => {
  it('removes it over HTTPS only, and with the attribute Secure', async () => {
    const end = async (secure: boolean | 'auto', isSecure: boolean) => {
      const attach = attachSession(createMemoryStore(), { cookie: { secret, secure } });
      const route = respondWith(endSession);
      const { url } = await listen((req, res) => {
        Object.assign(req, { secure: isSecure });
        attach(req, res, () => route(req, res));
      });
      return setCookies(await request(url).get('/'));
    };
    expect(await end(true, false)).toEqual([]);
    expect((await end(true, true))[0]).toMatch(/^connect\.sid=; .*; Secure$/);
    expect((await end('auto', true))[0]).toMatch(/^connect\.sid=; .*; Secure$/);
    expect((await end('auto', false))[0]).not.toMatch(/Secure/);
  });
});

describe('on a request that did not pass the middleware', () => {
  it.each<[string, (req: IncomingMessage, res: ServerResponse) => unknown]>([
    ['updateSession', (req) => updateSession(req, {})],
    ['reloadSession', (req) => reloadSession(req)],
    ['renewSession', (req, res) => renewSession(req, res)],
    ['endSession', endSession],
    ['getSession', async (req) => getSession(req)],
  ])('%s says what to do', async (name, code) => {
    await expect(code({} as never, {} as never)).rejects.toThrow(
      `${name}: this request did not pass the middleware; mount attachSession(store) or createSessionRouter(store) before this route`,
    );
  });
});

/** `isDown` says which calls of the route fail; the one that attaches is the first. */
async function startFailing(
  code: RouteCode,
  isDown: (call: string, count: number) => boolean,
  options: SessionRouterOptions = {},
) {
  const memory = createMemoryStore();
  const info = await memory.create('live', { agentId: 'a' });
  let count = 0;
  const store = observedStore(memory, (call) => {
    if (isDown(call, count++)) throw new Error('gone');
  });
  const attach = attachSession(store, { cookie, passOnStoreError: true, ...options });
  const route = respondWith(code);
  const { url } = await listen((req, res) => attach(req, res, () => route(req, res)));
  const call = async (cookieHeader = signedCookie('live')) => {
    count = 0;
    const response = await request(url).get('/').set('Cookie', cookieHeader);
    return { ...JSON.parse(response.text), cookies: setCookies(response) };
  };
  return { memory, info, call };
}

const FUNCTIONS: [string, RouteCode][] = [
  ['updateSession', (req) => updateSession(req, { customerId: 'c' })],
  ['reloadSession', (req) => reloadSession(req)],
  ['renewSession', (req, res) => renewSession(req, res)],
  ['endSession', endSession],
];

describe('if the store fails', () => {
  it.each(FUNCTIONS)('%s rejects with status 503, and the request keeps its session', async (_, code) => {
    const { info, call } = await startFailing(code, (_call, count) => count > 0);
    expect(await call()).toEqual({
      error: 'StoreUnavailableError: Session store unavailable',
      code: 'store_unavailable',
      status: 503,
      sessionInfo: info,
      cookies: [],
    });
  });
});

describe('if the store failed while attaching', () => {
  const onlyAttaching = (_call: string, count: number) => count === 0;

  it('endSession ends the session of the ID, so that a logout is not skipped', async () => {
    const { memory, call } = await startFailing(endSession, onlyAttaching);
    expect(await call()).toEqual({ value: true, sessionInfo: null, cookies: [CLEARED] });
    expect(await memory.get('live')).toBeUndefined();
  });

  it.each(FUNCTIONS.slice(0, 3))('%s works on the session of the ID', async (_, code) => {
    const { memory, call } = await startFailing(code, onlyAttaching);
    const { value, sessionInfo } = await call();
    expect(value).toMatchObject({ agentId: 'a' });
    expect(sessionInfo).toEqual(value);
    expect(await memory.get(value.sessionId)).toEqual(value);
  });

  it.each(FUNCTIONS)('%s rejects if the store still fails', async (_, code) => {
    const { call } = await startFailing(code, () => true);
    expect(await call()).toMatchObject({ code: 'store_unavailable', sessionInfo: null, cookies: [] });
  });

  it('getSession throws the failure', async () => {
    const { call } = await startFailing((req) => getSession(req), onlyAttaching);
    expect(await call()).toMatchObject({ code: 'store_unavailable', status: 503 });
  });

  it('there is nothing to try for a request without an ID, or with a malformed one', async () => {
    for (const [, code] of FUNCTIONS.filter(([name]) => name !== 'renewSession')) {
      const { call } = await startFailing(code, () => true, { sources: ['query', 'cookie'] });
      expect(await call('')).toMatchObject({ sessionInfo: null });
      expect((await call('')).error).toBeUndefined();
    }
  });

  it('endSession returns false if the session is not live after all', async () => {
    const { call } = await startFailing(endSession, onlyAttaching);
    expect(await call(signedCookie('unknown'))).toMatchObject({ value: false, sessionInfo: null });
  });
});

describe('calls at once on one request', () => {
  it('run one after another, in the order of the calls', async () => {
    const memory = createMemoryStore();
    await memory.create('live', {});
    const store = observedStore(memory, () => new Promise((resolve) => setTimeout(resolve, 5)));
    const attach = attachSession(store, { cookie, generateId: () => 'renewed' });
    const route = respondWith((req, res) =>
      Promise.all([
        updateSession(req, { customerId: 'c' }),
        renewSession(req, res),
        updateSession(req, { visitId: 'v' }),
        endSession(req, res),
        reloadSession(req),
      ]),
    );
    const { url } = await listen((req, res) => attach(req, res, () => route(req, res)));
    const response = await request(url).get('/').set('Cookie', signedCookie('live'));
    expect(JSON.parse(response.text)).toEqual({
      value: [
        expect.objectContaining({ sessionId: 'live', customerId: 'c' }),
        expect.objectContaining({ sessionId: 'renewed', customerId: 'c' }),
        expect.objectContaining({ sessionId: 'renewed', customerId: 'c', visitId: 'v' }),
        true,
        null,
      ],
      sessionInfo: null,
    });
    expect(setCookies(response)).toEqual([CLEARED]);
    expect(store.calls).toEqual([
      'get live',
      'update live',
      'get live',
      'create renewed',
      'delete live',
      'update renewed',
      'delete renewed',
    ]);
  });

  it('a call that fails does not stop those after it', async () => {
    const { call } = await startFailing(
      (req, res) =>
        Promise.allSettled([updateSession(req, { visitId: 'v' }), endSession(req, res)]).then((outcomes) =>
          outcomes.map(({ status }) => status),
        ),
      (name) => name.startsWith('update'),
    );
    expect(await call()).toMatchObject({ value: ['rejected', 'fulfilled'], sessionInfo: null });
  });
});
