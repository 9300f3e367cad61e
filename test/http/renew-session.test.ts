import type { ServerResponse } from 'node:http';
import { describe, expect, it } from 'vitest';
import {
  type AttachSessionOptions,
  attachSession,
  createMemoryStore,
  renewSession,
  type SessionRouterOptions,
  type SessionStore,
} from '../../src/index.js';
import { GONE, PROTOCOLS } from './gone-client.js';
import { HOSTS, listen } from './hosts.js';
import { observedStore } from './observed-store.js';
import { request } from './request.js';
import { type RouteCode, respondWith } from './respond-with.js';
import { cookieOf, secret, signedCookie } from './signed-cookie.js';
import { startWithLive } from './start-with-live.js';

describe.each(HOSTS)('renewSession, on $name', ({ listener, prefix }) => {
  const start = (code: RouteCode, options?: SessionRouterOptions) =>
    startWithLive({ listener, prefix }, code, options);

  it('returns a session with a new ID: the old ID stops working, the associations and the cookie follow', async () => {
    const { memory, call, url } = await start((req, res) =>
      renewSession(req, res, { customerId: 'c', visitId: '', agentId: null }),
    );
    const { value, sessionInfo, cookies, sent } = await call();
    expect(value).toMatchObject({ customerId: 'c', visitId: 'v' });
    expect(value).not.toHaveProperty('agentId');
    expect(sessionInfo).toEqual(value);
    expect(await memory.get('live')).toBeUndefined();
    expect(await memory.get(value.sessionId)).toEqual(value);
    expect(cookies).toHaveLength(1);
    expect(sent).toBe(signedCookie(value.sessionId));
    expect((await request(url).get(`${prefix}/sessions/${value.sessionId}`)).body).toEqual(value);
  });

  it('carries everything over without associations, and works without a cookie', async () => {
    const { memory, call } = await start((req, res) => renewSession(req, res), {});
    const { value, cookies } = await call({ gkc_sessionId: 'live' });
    expect(value).toMatchObject({ agentId: 'a', visitId: 'v' });
    expect(value).not.toHaveProperty('customerId');
    expect(await memory.get('live')).toBeUndefined();
    expect(cookies).toEqual([]);
  });

  it.each([
    ['on a first visit', ''],
    ['after the session has ended', signedCookie('unknown')],
    ['with a cookie that does not verify', 'connect.sid=s%3Alive.forged'],
    ['with two different cookies', `${signedCookie('live')}; ${signedCookie('unknown')}`],
  ])('creates a session %s', async (_, cookieHeader) => {
    const { memory, call } = await start((req, res) => renewSession(req, res, { customerId: 'c' }));
    const { value, sessionInfo, sent } = await call({ Cookie: cookieHeader });
    expect(value).toEqual({
      sessionId: expect.any(String),
      customerId: 'c',
      createdAt: expect.any(String),
      updatedAt: expect.any(String),
    });
    expect(sessionInfo).toEqual(value);
    expect(sent).toBe(signedCookie(value.sessionId));
    expect(await memory.get(value.sessionId)).toEqual(value);
  });

  it('succeeds for both requests of a double click, each with its own session', async () => {
    const { memory, call } = await start((req, res) => renewSession(req, res, { customerId: 'c' }));
    const responses = await Promise.all([call(), call()]);
    for (const { value, sent } of responses) {
      expect(value).toMatchObject({ customerId: 'c' });
      expect(sent).toBe(signedCookie(value.sessionId));
      expect(await memory.get(value.sessionId)).toEqual(value);
    }
    expect(new Set(responses.map(({ sent }) => sent)).size).toBe(2);
    expect(await memory.get('live')).toBeUndefined();
  });

  it('carries nothing over from a session of another customer', async () => {
    const { memory, call } = await start((req, res) => renewSession(req, res, { customerId: 'bob' }));
    await memory.update('live', { customerId: 'anna' });
    const { value } = await call();
    expect(value).toMatchObject({ customerId: 'bob' });
    expect(Object.keys(value)).toEqual(['sessionId', 'customerId', 'createdAt', 'updatedAt']);
    expect(await memory.get('live')).toBeUndefined();
  });

  it('carries over from a session of the same customer', async () => {
    const { memory, call } = await start((req, res) => renewSession(req, res, { customerId: 'anna' }));
    await memory.update('live', { customerId: 'anna' });
    expect((await call()).value).toMatchObject({ customerId: 'anna', agentId: 'a', visitId: 'v' });
  });

  it('starts empty if the session was ended meanwhile', async () => {
    const { memory, call } = await start(async (req, res) => {
      await memory.delete('live');
      return renewSession(req, res, { customerId: 'c' });
    });
    const { value } = await call();
    expect(Object.keys(value)).toEqual(['sessionId', 'customerId', 'createdAt', 'updatedAt']);
  });

  it('rejects before it calls the store if the response has begun', async () => {
    const { info, call, calls } = await start((req, res) => {
      res.writeHead(200);
      return renewSession(req, res);
    });
    expect(await call()).toMatchObject({
      error: 'Error: renewSession: call it before the response begins; it sets the cookie',
      sessionInfo: info,
    });
    expect(calls).toEqual([]);
  });

  it('rejects a wrong value and changes nothing', async () => {
    const { call, calls } = await start((req, res) => renewSession(req, res, { customerId: 'a\nb' }));
    expect(await call()).toMatchObject({ code: 'invalid_field', sessionInfo: { sessionId: 'live' } });
    expect(calls).toEqual([]);
  });
});

type Before = (call: string, memory: SessionStore, res: ServerResponse) => unknown;

/** What comes of a renewal whose store calls are preceded by `before`. */
async function renew(before: Before, options: AttachSessionOptions = {}) {
  const memory = createMemoryStore();
  const live = new Set<string>();
  await memory.create('old', { agentId: 'a', visitId: 'v' });
  let response: ServerResponse | undefined;
  const store = observedStore(memory, (call) => response && before(call, memory, response));
  const attach = attachSession(store, { cookie: { secret }, generateId: () => 'renewed', ...options });
  const route = respondWith((req, res) => {
    response = res;
    return renewSession(req, res, { visitId: 'w', globalVisitId: 'g' });
  });
  const { url } = await listen((req, res) => attach(req, res, () => route(req, res)));
  const received = await request(url).get('/').set('Cookie', signedCookie('old'));
  for (const id of ['old', 'renewed']) if (await memory.peek(id)) live.add(id);
  return {
    memory,
    live: [...live],
    sent: cookieOf(received),
    ...JSON.parse(received.text),
    calls: store.calls,
  };
}

const UNAVAILABLE = { code: 'store_unavailable', status: 503 };
const TOO_LATE = { error: 'Error: renewSession: call it before the response begins; it sets the cookie' };
const none = () => undefined;
const fails = () => {
  throw new Error('gone');
};
const never = () => new Promise(() => {});

describe('renewSession, step by step', () => {
  it('creates the new session before it ends the old one', async () => {
    const { calls, live } = await renew(none);
    expect(calls).toEqual(['get old', 'get old', 'create renewed', 'delete old']);
    expect(live).toEqual(['renewed']);
  });

  it('keeps the old session if the store fails before the end', async () => {
    for (const failing of ['get old', 'create renewed']) {
      const { live, sent, sessionInfo, ...outcome } = await renew((call) => call === failing && fails());
      expect(outcome).toMatchObject(UNAVAILABLE);
      expect([live, sessionInfo.sessionId, sent]).toEqual([['old'], 'old', '']);
    }
  });

  it('keeps the new session if the store does not confirm the end of the old one', async () => {
    for (const last of [fails, never]) {
      const { live, sent, sessionInfo, ...outcome } = await renew((call) => call === 'delete old' && last(), {
        storeTimeout: 100,
      });
      expect(outcome).toMatchObject(UNAVAILABLE);
      expect(live).toEqual(['old', 'renewed']);
      expect(sessionInfo).toMatchObject({
        sessionId: 'renewed',
        agentId: 'a',
        visitId: 'w',
        globalVisitId: 'g',
      });
      expect(sent).toBe(signedCookie('renewed'));
    }
  });

  it('leaves no session that nobody knows if creating it takes too long', async () => {
    let release = () => {};
    const { memory, sessionInfo, sent, ...outcome } = await renew(
      (call) =>
        call === 'create renewed' &&
        new Promise<void>((resolve) => {
          release = resolve;
        }),
      { storeTimeout: 100 },
    );
    expect(outcome).toMatchObject(UNAVAILABLE);
    expect([sessionInfo.sessionId, sent]).toEqual(['old', '']);
    release();
    await new Promise(setImmediate);
    expect(await memory.get('renewed')).toBeUndefined();
    expect(await memory.get('old')).toBeDefined();
  });

  it('makes no further call if reading the old session takes too long', async () => {
    let release = () => {};
    const { calls } = await renew(
      (call) =>
        call === 'get old' &&
        new Promise<void>((resolve) => {
          release = resolve;
        }),
      { storeTimeout: 100 },
    );
    release();
    await new Promise(setImmediate);
    expect(calls).toEqual(['get old', 'get old']);
  });

  describe('if another request ends the old session after it was read', () => {
    const endedMeanwhile: Before = (call, memory) => call === 'delete old' && memory.delete('old');
    const emptied = { sessionId: 'renewed', visitId: 'w', globalVisitId: 'g' };

    it('starts empty', async () => {
      const { value, sessionInfo, sent, live } = await renew(endedMeanwhile);
      expect(value).toMatchObject(emptied);
      expect(value).not.toHaveProperty('agentId');
      expect(sessionInfo).toEqual(value);
      expect([sent, live]).toEqual([signedCookie('renewed'), ['renewed']]);
    });

    it('starts empty also if the new one has ended, too', async () => {
      const { value, memory } = await renew(async (call, memory) => {
        if (call === 'delete old') for (const id of ['old', 'renewed']) await memory.delete(id);
      });
      expect(value).toMatchObject(emptied);
      expect(await memory.get('renewed')).toEqual(value);
    });

    it('leaves no session if the store fails to empty the new one', async () => {
      const { live, sessionInfo, sent, ...outcome } = await renew((call, memory, res) =>
        call === 'update renewed' ? fails() : endedMeanwhile(call, memory, res),
      );
      expect(outcome).toMatchObject(UNAVAILABLE);
      expect([live, sessionInfo, sent]).toEqual([[], null, '']);
    });

    it('empties the new one also after the time is up', async () => {
      let release = () => {};
      const { memory, sent, ...outcome } = await renew(
        async (call, memory) => {
          if (call !== 'delete old') return;
          await memory.delete('old');
          await new Promise<void>((resolve) => {
            release = resolve;
          });
        },
        { storeTimeout: 100 },
      );
      expect(outcome).toMatchObject(UNAVAILABLE);
      expect(sent).toBe(signedCookie('renewed'));
      release();
      await new Promise(setImmediate);
      expect(await memory.get('renewed')).toMatchObject(emptied);
      expect(await memory.get('renewed')).not.toHaveProperty('agentId');
    });
  });

  describe('if the response begins meanwhile', () => {
    const beginAt =
      (moment: string): Before =>
      (call, _memory, res) =>
        call === moment && res.writeHead(200);

    it.each(['get old', 'create renewed'])(
      'at "%s", keeps the old session and no new one',
      async (moment) => {
        const { live, sessionInfo, sent, ...outcome } = await renew(beginAt(moment));
        expect(outcome).toMatchObject(TOO_LATE);
        expect([live, sessionInfo.sessionId, sent]).toEqual([['old'], 'old', '']);
      },
    );

    it('at "delete old", keeps no session, as nobody would know its ID', async () => {
      const { live, sessionInfo, sent, ...outcome } = await renew(beginAt('delete old'));
      expect(outcome).toMatchObject(TOO_LATE);
      expect([live, sessionInfo, sent]).toEqual([[], null, '']);
    });

    it('says so also if the store fails to end the new one', async () => {
      const { sessionInfo, ...outcome } = await renew((call, memory, res) =>
        call === 'delete renewed' ? fails() : beginAt('delete old')(call, memory, res),
      );
      expect(outcome).toMatchObject(TOO_LATE);
      expect(sessionInfo).toBeNull();
    });

    it('at any moment, either sends the cookie of a live session or rejects', async () => {
      const outcomes = new Set<boolean>();
      for (let turns = 0; turns < 30; turns++) {
        const { live, sessionInfo, sent, error } = await renew((call, _memory, res) => {
          if (call !== 'delete old') return;
          let soon = Promise.resolve();
          for (let i = 0; i < turns; i++) soon = soon.then(() => {});
          void soon.then(() => res.headersSent || res.writeHead(200));
        });
        outcomes.add(error === undefined);
        if (error) expect([live, sessionInfo, sent], `${turns}`).toEqual([[], null, '']);
        else
          expect([live, sessionInfo.sessionId, sent], `${turns}`).toEqual([
            ['renewed'],
            'renewed',
            signedCookie('renewed'),
          ]);
      }
      expect(outcomes.size).toBe(2);
    });

    it('while generateId runs, does not call the store', async () => {
      const memory = createMemoryStore();
      const store = observedStore(memory);
      let begin = () => {};
      const generateId = async () => {
        begin();
        return 'renewed';
      };
      const attach = attachSession(store, { cookie: { secret }, generateId });
      const route = respondWith((req, res) => {
        begin = () => void res.writeHead(200);
        return renewSession(req, res);
      });
      const { url } = await listen((req, res) => attach(req, res, () => route(req, res)));
      expect(JSON.parse((await request(url).get('/')).text)).toMatchObject(TOO_LATE);
      expect(store.calls).toEqual([]);
    });
  });

  it('calls generateId again while its ID is taken, up to three times', async () => {
    const ids = ['old', 'old', 'renewed'];
    const { value, live } = await renew(none, { generateId: () => ids.shift() as string });
    expect([value.sessionId, live]).toEqual(['renewed', ['renewed']]);
    const { error, sessionInfo, ...taken } = await renew(none, { generateId: () => 'old' });
    expect(error).toMatch(/^Error: option "generateId" returned the ID of a live session/);
    expect([taken.live, sessionInfo.sessionId]).toEqual([['old'], 'old']);
  });

  it('rejects with what generateId throws, and changes nothing', async () => {
    const { error, live, sessionInfo } = await renew(none, { generateId: fails });
    expect(error).toBe('Error: gone');
    expect([live, sessionInfo.sessionId]).toEqual([['old'], 'old']);
  });
});

it('renewSession takes another ID if the first is that of another live session', async () => {
  const store = createMemoryStore();
  store.create('live', { customerId: 'c' });
  store.create('taken', { customerId: 'another' });
  const ids = ['taken', 'renewed'];
  const attach = attachSession(store, { cookie: { secret }, generateId: () => ids.shift() as string });
  const { url } = await listen((req, res) =>
    attach(req, res, () =>
      renewSession(req, res).then(
        (info) => res.end(info.sessionId),
        (error) => res.end(`${error}`),
      ),
    ),
  );
  expect((await request(url).get('/').set('Cookie', signedCookie('live'))).text).toBe('renewed');
  expect(store.peek('taken')).toMatchObject({ customerId: 'another' });
});

it.each(PROTOCOLS)(
  'renewSession rejects if the client has closed the connection, and changes nothing: %s',
  async (protocol) => {
    const memory = createMemoryStore();
    memory.create('live', { customerId: 'c' });
    const store = observedStore(memory);
    const attach = attachSession(store, { cookie: { secret } });
    const outcome = await new Promise<object>((resolve) => {
      void GONE[protocol](signedCookie('live'), (req, res) => {
        attach(req, res, () => {
          store.calls.splice(0);
          renewSession(req, res, { visitId: 'v' }).catch((error) =>
            resolve({ error: error.message, session: Object(req).sessionInfo }),
          );
        });
      });
    });
    expect(outcome).toMatchObject({
      error: 'renewSession: the client has closed the connection, so it cannot get the cookie',
      session: { sessionId: 'live' },
    });
    expect(store.calls).toEqual([]);
  },
);
