import express, { type RequestHandler } from 'express';
import { describe, expect, it } from 'vitest';
import {
  attachSession,
  createMemoryStore,
  createSessionRouter,
  endSession,
  renewSession,
  type SessionRouterOptions,
  type SessionStore,
  updateSession,
} from '../../src/index.js';
import { HOSTS, listen } from './hosts.js';
import { request } from './request.js';

const cookie = { secret: 'a secret' };

type HostCode = (req: express.Request, res: express.Response) => Promise<unknown>;

/** Answers what the host's own code came to, and req.sessionInfo after it. */
const run =
  (code: HostCode): RequestHandler =>
  (req, res) => {
    const answer = (outcome: object) => {
      res.statusCode = 200;
      res.end(JSON.stringify({ ...outcome, sessionInfo: req.sessionInfo ?? null }));
    };
    code(req, res).then(
      (value) => answer({ value: value ?? null }),
      (error) => answer({ error: String(error), code: error.code, status: error.status }),
    );
  };

const headersOf = (answer: { headers: unknown }) => answer.headers as { 'set-cookie'?: string[] };
const setCookie = (answer: { headers: unknown }) => headersOf(answer)['set-cookie'] ?? [];

describe.each(HOSTS)('host code on $name', ({ listener, prefix }) => {
  /** `asked` are the calls of the store by the host code. */
  async function start(
    code: HostCode,
    options: SessionRouterOptions = { cookie },
    change: (store: SessionStore) => SessionStore = (store) => store,
  ) {
    const store = createMemoryStore();
    const asked: string[] = [];
    const listed = Object.fromEntries(
      (['create', 'get', 'update', 'delete'] as const).map((method) => [
        method,
        (...args: [string, object]) => {
          asked.push(method);
          return (store[method] as (...args: unknown[]) => unknown)(...args);
        },
      ]),
    ) as unknown as SessionStore;
    const codeOnly: HostCode = (req, res) => {
      asked.length = 0;
      return code(req, res);
    };
    const { url } = await listen(listener(createSessionRouter(change(listed), options), run(codeOnly)));
    const { body, headers } = await request(url)
      .put(`${prefix}/sessions/new`)
      .set('gkc_agentId', 'a')
      .send({ visitId: 'v' });
    const asVisitor = { Cookie: headers['set-cookie']?.[0]?.split(';')[0] as string };
    const call = async (visitorHeaders: Record<string, string> = asVisitor) => {
      const answer = await request(url).get(`${prefix}/host`).set(visitorHeaders);
      return { ...JSON.parse(answer.text), setCookie: setCookie(answer), status: answer.status };
    };
    return { store, url, info: body, call, asked };
  }

  describe('updateSession', () => {
    it('associates, keeps the rest, and makes req.sessionInfo current', async () => {
      const { store, info, call } = await start((req) =>
        updateSession(req, { customerId: 'c', visitId: '' }),
      );
      const { value, sessionInfo, setCookie } = await call();
      expect(value).toMatchObject({ sessionId: info.sessionId, agentId: 'a', customerId: 'c', visitId: 'v' });
      expect(sessionInfo).toEqual(value);
      expect(await store.get(info.sessionId)).toEqual(value);
      expect(setCookie).toEqual([]);
    });

    it('answers undefined without a session, and does not ask the store', async () => {
      const { call, asked } = await start((req) => updateSession(req, { customerId: 'c' }));
      expect(await call({})).toMatchObject({ value: null, sessionInfo: null });
      expect(asked).toEqual([]);
    });

    it('that comes to its end after endSession or renewSession leaves req.sessionInfo to these', async () => {
      const slow = (store: SessionStore): SessionStore => ({
        ...store,
        async update(sessionId, associations) {
          const updated = await store.update(sessionId, associations);
          await new Promise((resolve) => setTimeout(resolve, 20));
          return updated;
        },
      });
      const beside = (other: HostCode) => async (req: express.Request, res: express.Response) => {
        const updating = updateSession(req, { customerId: 'c' });
        const info = await other(req, res);
        await updating;
        return info;
      };
      const ended = await start(beside(endSession), { cookie }, slow);
      expect(await ended.call()).toMatchObject({ value: true, sessionInfo: null });
      const renewed = await start(beside(renewSession as HostCode), { cookie }, slow);
      const { value, sessionInfo } = await renewed.call();
      expect(sessionInfo).toEqual(value);
    });

    it('answers undefined, and forgets the session, when it was ended meanwhile', async () => {
      const { store, info, call } = await start(async (req) => {
        await store.delete(info.sessionId);
        return updateSession(req, { customerId: 'c' });
      });
      expect(await call()).toMatchObject({ value: null, sessionInfo: null });
      expect(await store.get(info.sessionId)).toBeUndefined();
    });

    it('rejects for a value that the API does not take, and changes nothing', async () => {
      const { store, info, call } = await start((req) =>
        updateSession(req, { agentId: 'b', customerId: 7 as never }),
      );
      expect(await call()).toMatchObject({
        error: 'InvalidAssociationError: customerId must be a string',
        code: 'invalid_field',
        sessionInfo: info,
      });
      expect(await store.get(info.sessionId)).toEqual(info);
    });
  });

  describe('renewSession', () => {
    it('gives a new ID: the old one is dead, the associations stay, the cookie follows', async () => {
      const { store, url, info, call } = await start((req, res) =>
        renewSession(req, res, { customerId: 'c' }),
      );
      const { value, sessionInfo, setCookie } = await call();
      expect(value.sessionId).not.toBe(info.sessionId);
      expect(value).toMatchObject({ agentId: 'a', visitId: 'v', customerId: 'c' });
      expect(sessionInfo).toEqual(value);
      expect(await store.get(info.sessionId)).toBeUndefined();
      expect(await store.get(value.sessionId)).toEqual(value);
      expect(setCookie).toHaveLength(1);
      const path = `${prefix}/sessions/${value.sessionId}`;
      expect((await request(url).get(path)).body).toEqual(value);
    });

    it('without associations, and without a cookie', async () => {
      const { store, info, call } = await start((req, res) => renewSession(req, res), {});
      const { value, setCookie } = await call({ gkc_sessionId: info.sessionId });
      expect(value).toMatchObject({ agentId: 'a', visitId: 'v' });
      expect(value).not.toHaveProperty('customerId');
      expect(await store.get(info.sessionId)).toBeUndefined();
      expect(setCookie).toEqual([]);
    });

    it('answers undefined without a session, makes none, and does not ask the store', async () => {
      const { call, asked } = await start((req, res) => renewSession(req, res, { customerId: 'c' }));
      expect(await call({})).toMatchObject({ value: null, sessionInfo: null, setCookie: [] });
      expect(asked).toEqual([]);
    });

    it('of two at the same time one wins, and no other session is left', async () => {
      const made: string[] = [];
      const { store, info, call } = await start((req, res) => renewSession(req, res), {
        cookie,
        generateId: () => {
          made.push(`made-${made.length}-${Math.random()}`);
          return made.at(-1) as string;
        },
      });
      const answers = await Promise.all([call(), call(), call()]);
      const renewed = answers.flatMap(({ value }) => (value ? [value.sessionId] : []));
      expect(renewed).toHaveLength(1);
      const live = [];
      for (const id of made) if (await store.get(id)) live.push(id);
      expect(live).toEqual(renewed);
      expect(await store.get(info.sessionId)).toBeUndefined();
    });

    it('is not undone by, and does not undo, a logout at the same time', async () => {
      const { store, info, call } = await start(async (req, res) => {
        const [renewed, ended] = await Promise.all([renewSession(req, res), store.delete(info.sessionId)]);
        return { renewed: renewed ?? null, ended };
      });
      const { value } = await call();
      expect(value.renewed === null).toBe(value.ended);
      expect(await store.get(info.sessionId)).toBeUndefined();
    });

    it('rejects before it changes anything when the response has begun', async () => {
      const { store, info, call } = await start(async (req, res) => {
        res.writeHead(200);
        return renewSession(req, res);
      });
      expect((await call()).error).toMatch(/renewSession: call it before the response begins/);
      expect(await store.get(info.sessionId)).toEqual(info);
    });
  });

  describe('endSession', () => {
    it('ends the session and makes the browser forget the cookie', async () => {
      const { store, info, call } = await start((req, res) => endSession(req, res));
      const { value, sessionInfo, setCookie } = await call();
      expect({ value, sessionInfo }).toEqual({ value: true, sessionInfo: null });
      expect(setCookie).toEqual(['connect.sid=; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT; HttpOnly']);
      expect(await store.get(info.sessionId)).toBeUndefined();
    });

    it('clears a Secure cookie by HTTPS only, and marks what clears it Secure', async () => {
      const end = async (secure: boolean | 'auto', isSecure: boolean) => {
        const store = createMemoryStore();
        await store.create('live', {});
        const attach = attachSession(store, { cookie: { secret: 'a secret', secure } });
        const setSecure: RequestHandler = (req, _res, next) => {
          Object.defineProperty(req, 'secure', { value: isSecure });
          next();
        };
        const app = express().get('/', setSecure, attach, run(endSession));
        return setCookie(await request(app).get('/?sessionId=live'));
      };
      expect(await end(true, false)).toEqual([]);
      expect((await end(true, true))[0]).toMatch(/^connect\.sid=; .*; Secure$/);
      expect((await end('auto', true))[0]).toMatch(/^connect\.sid=; .*; Secure$/);
      expect((await end('auto', false))[0]).not.toMatch(/Secure/);
    });

    it('answers true, and leaves the cookie, when the response begins meanwhile', async () => {
      const { store, info, call } = await start((req, res) => {
        const ended = endSession(req, res);
        res.writeHead(200);
        return ended;
      });
      expect(await call()).toMatchObject({ value: true, sessionInfo: null, setCookie: [] });
      expect(await store.get(info.sessionId)).toBeUndefined();
    });

    it('answers false without a session, and does not ask the store', async () => {
      const { call, asked } = await start((req, res) => endSession(req, res));
      expect(await call({})).toMatchObject({ value: false, sessionInfo: null });
      expect(asked).toEqual([]);
    });

    it('without a cookie, also when the response has begun', async () => {
      for (const begin of [() => {}, (res: express.Response) => void res.writeHead(200)]) {
        const { store, info, call } = await start((req, res) => {
          begin(res);
          return endSession(req, res);
        }, {});
        expect((await call({ gkc_sessionId: info.sessionId })).value).toBe(true);
        expect(await store.get(info.sessionId)).toBeUndefined();
      }
    });

    it('rejects before it ends the session when the response has begun and the cookie stays', async () => {
      const { store, info, call } = await start((req, res) => {
        res.writeHead(200);
        return endSession(req, res);
      });
      expect((await call()).error).toBe(
        'Error: endSession: call it before the response begins; it sets the cookie',
      );
      expect(await store.get(info.sessionId)).toEqual(info);
    });

    it('twice answers true, then false', async () => {
      const { call } = await start(async (req, res) => [
        await endSession(req, res),
        await endSession(req, res),
      ]);
      expect((await call()).value).toEqual([true, false]);
    });
  });

  it('one after the other leaves one cookie: the last', async () => {
    const { call } = await start(async (req, res) => {
      res.setHeader('Set-Cookie', ['theirs=1', 'connect.sid.too=2']);
      await renewSession(req, res);
      await renewSession(req, res);
      return endSession(req, res);
    });
    const { setCookie } = await call();
    expect(setCookie.map((line: string) => line.split(';')[0])).toEqual([
      'theirs=1',
      'connect.sid.too=2',
      'connect.sid=',
    ]);
  });
});

describe('host code on a request that never passed the middleware', () => {
  it.each([
    ['updateSession', (req: express.Request) => updateSession(req, {})],
    ['renewSession', renewSession],
    ['endSession', endSession],
  ] as const)('%s rejects, and says how to mend it', async (name, code) => {
    const app = express().get('/', run(code as HostCode));
    const { text } = await request(app).get('/');
    expect(JSON.parse(text).error).toMatch(
      new RegExp(`^Error: ${name}: this request did not pass the middleware; mount createSessionRouter`),
    );
  });
});

describe('renewSession step by step', () => {
  /** A store whose `delete` of one session waits until the test says what happens first. */
  async function start(beforeDelete: (store: SessionStore) => unknown, options: SessionRouterOptions = {}) {
    const memory = createMemoryStore();
    await memory.create('old', { customerId: 'c' });
    const store: SessionStore = {
      ...memory,
      async delete(sessionId) {
        if (sessionId === 'old') await beforeDelete(memory);
        return memory.delete(sessionId);
      },
    };
    const attach = attachSession(store, { cookie, generateId: () => 'renewed', ...options });
    const app = express().get(
      '/',
      attach,
      run((req, res) => renewSession(req, res)),
    );
    const answer = await request(app).get('/?sessionId=old');
    return { memory, outcome: JSON.parse(answer.text), setCookie: setCookie(answer) };
  }

  it('keeps the old session, and no new one, when the response begins meanwhile', async () => {
    const memory = createMemoryStore();
    await memory.create('old', { customerId: 'c' });
    let begin = () => {};
    const store: SessionStore = {
      ...memory,
      create(sessionId, associations) {
        begin();
        return memory.create(sessionId, associations);
      },
    };
    const app = express().get(
      '/',
      attachSession(store, { cookie, generateId: () => 'renewed' }),
      run((req, res) => {
        begin = () => void res.writeHead(200);
        return renewSession(req, res);
      }),
    );
    const answer = await request(app).get('/?sessionId=old');
    expect(JSON.parse(answer.text)).toMatchObject({
      error: expect.stringMatching(/renewSession: call it before the response begins/),
      sessionInfo: { sessionId: 'old' },
    });
    expect(await memory.get('old')).toMatchObject({ customerId: 'c' });
    expect(await memory.get('renewed')).toBeUndefined();
  });

  it('keeps no session when the response begins with the old one ended', async () => {
    let begin = () => {};
    const memory = createMemoryStore();
    await memory.create('old', {});
    const store: SessionStore = {
      ...memory,
      delete(sessionId) {
        const ended = memory.delete(sessionId);
        begin();
        return ended;
      },
    };
    const app = express().get(
      '/',
      attachSession(store, { cookie, generateId: () => 'renewed' }),
      run((req, res) => {
        begin = () => res.headersSent || res.writeHead(200);
        return renewSession(req, res);
      }),
    );
    const answer = await request(app).get('/?sessionId=old');
    expect(JSON.parse(answer.text).error).toMatch(/renewSession: call it before the response begins/);
    expect(await memory.get('old')).toBeUndefined();
    expect(await memory.get('renewed')).toBeUndefined();
  });

  it('ends the new session too when the old one is ended in between', async () => {
    const { memory, outcome, setCookie } = await start((store) => store.delete('old'));
    expect(outcome).toEqual({ value: null, sessionInfo: null });
    expect(await memory.get('renewed')).toBeUndefined();
    expect(setCookie).toEqual([]);
  });

  it('leaves no session that nobody knows when the store is too slow', async () => {
    let release: () => void = () => {};
    const slow = new Promise<void>((resolve) => {
      release = resolve;
    });
    const { memory, outcome } = await start(() => slow, { storeTimeout: 50 });
    expect(outcome).toMatchObject({ code: 'store_unavailable', status: 503 });
    release();
    await expect.poll(() => memory.get('renewed')).toBeUndefined();
  });

  it('with an ID that is taken rejects with an error about generateId, and changes nothing', async () => {
    const { memory, outcome } = await start(() => {}, { generateId: () => 'old' });
    expect(outcome.error).toMatch(/^Error: option "generateId" gave the ID of a live session/);
    expect(await memory.get('old')).toMatchObject({ customerId: 'c' });
  });
});

describe('host code when the store goes down', () => {
  it.each([
    ['updateSession', (req: express.Request) => updateSession(req, { customerId: 'c' })],
    ['renewSession', renewSession],
    ['endSession', endSession],
  ] as const)('%s rejects with status 503, and req.sessionInfo stays', async (_, code) => {
    const memory = createMemoryStore();
    const info = await memory.create('live', {});
    const down = () => Promise.reject(new Error('gone'));
    const store: SessionStore = { ...memory, update: down, create: down, delete: down };
    const app = express().get('/', attachSession(store, { cookie }), run(code as HostCode));
    const answer = await request(app).get('/?sessionId=live');
    expect(JSON.parse(answer.text)).toEqual({
      error: 'StoreUnavailableError: Session store unavailable',
      code: 'store_unavailable',
      status: 503,
      sessionInfo: info,
    });
    expect(setCookie(answer)).toEqual([]);
  });
});

describe('host code when the store failed for the middleware, which went on without a session', () => {
  async function start(code: HostCode, isDown: (method: keyof SessionStore) => boolean) {
    const memory = createMemoryStore();
    await memory.create('live', { agentId: 'a' });
    let isAttached = false;
    const guarded = <Result>(method: keyof SessionStore, call: () => Result) => {
      if (method === 'get' && !isAttached) {
        isAttached = true;
        throw new Error('once');
      }
      if (isDown(method)) throw new Error('gone');
      return call();
    };
    const store: SessionStore = {
      create: (id, named) => guarded('create', () => memory.create(id, named)),
      get: (id) => guarded('get', () => memory.get(id)),
      update: (id, named) => guarded('update', () => memory.update(id, named)),
      delete: (id) => guarded('delete', () => memory.delete(id)),
    };
    const attach = attachSession(store, { cookie, onStoreError: 'continue' });
    const app = express().get('/', attach, run(code));
    const call = async (query: string) => JSON.parse((await request(app).get(`/${query}`)).text);
    return { memory, call };
  }
  const nothingIsDown = () => false;

  it('endSession ends the session that the request names', async () => {
    const { memory, call } = await start(endSession, nothingIsDown);
    expect(await call('?sessionId=live')).toEqual({ value: true, sessionInfo: null });
    expect(await memory.get('live')).toBeUndefined();
  });

  it('updateSession and renewSession work on it', async () => {
    const updating = await start((req) => updateSession(req, { customerId: 'c' }), nothingIsDown);
    expect(await updating.call('?sessionId=live')).toMatchObject({
      value: { agentId: 'a', customerId: 'c' },
      sessionInfo: { sessionId: 'live' },
    });
    const renewing = await start(renewSession as HostCode, nothingIsDown);
    const { value, sessionInfo } = await renewing.call('?sessionId=live');
    expect(value).toMatchObject({ agentId: 'a' });
    expect(sessionInfo).toEqual(value);
    expect(await renewing.memory.get('live')).toBeUndefined();
  });

  it('each rejects when the store is still down', async () => {
    for (const code of [endSession, renewSession, updateSession as HostCode]) {
      const { call } = await start(
        (req, res) => (code as HostCode)(req, res),
        () => true,
      );
      expect(await call('?sessionId=live')).toMatchObject({ code: 'store_unavailable', sessionInfo: null });
    }
  });

  it('each answers that there is none for a request that names none, or nothing that is an ID', async () => {
    for (const query of ['', '?sessionId=no%20id']) {
      const { call } = await start(endSession, () => true);
      expect(await call(query)).toEqual({ value: false, sessionInfo: null });
    }
  });

  it('each answers that there is none when the session is not live', async () => {
    const ending = await start(endSession, nothingIsDown);
    expect(await ending.call('?sessionId=unknown')).toEqual({ value: false, sessionInfo: null });
    const twice = await start(
      async (req, res) => [await endSession(req, res), await endSession(req, res)],
      nothingIsDown,
    );
    expect((await twice.call('?sessionId=live')).value).toEqual([true, false]);
  });
});
