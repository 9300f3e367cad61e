import express from 'express';
import session from 'express-session';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { attachSession, createMemoryStore } from '../../src/index.js';
import { listen } from '../http/hosts.js';
import { cookieOf, secret, signedCookie } from '../http/signed-cookie.js';
import { attackVisitors } from './attack-visitors.js';
import { blocksOf } from './docs-pages.js';
import { runBlock, startBlock } from './run-block.js';

const PAGE = 'cookie.md';

type Stage = 'stage-1' | 'stage-2' | 'stage-3';

beforeEach(() => void vi.stubEnv('SESSION_SECRET', secret));
afterEach(() => void vi.restoreAllMocks());

/** The three stages, which share what they keep, as deployments of one app share a database. */
function createDeployments(shared = new Map<string, object>()) {
  return async (stage: Stage) => (await startBlock(PAGE, stage, {}, shared)).url;
}

/** Lets the store that the stages share end a session of express-session only once it is released. */
function holdDestroy(shared: ReadonlyMap<string, object>) {
  const { sessions } = shared.get('shared') as { sessions: session.MemoryStore };
  const destroy = sessions.destroy.bind(sessions);
  let release = () => {};
  const reached = new Promise<void>((resolve) => {
    sessions.destroy = (id, callback) => {
      if (id.startsWith('info.')) return destroy(id, callback);
      release = () => destroy(id, callback);
      resolve();
    };
  });
  return { reached, release: () => release() };
}

/** Lets the next call of a method of the store that the stages share fail, for a session of this package or of express-session. */
function failOnce(shared: ReadonlyMap<string, object>, method: 'set' | 'destroy', whose: 'ours' | 'theirs') {
  const { sessions } = shared.get('shared') as { sessions: session.MemoryStore };
  const original = sessions[method] as (id: string, ...rest: unknown[]) => void;
  const fail = (id: string, ...rest: unknown[]) => {
    if (id.startsWith('info.') !== (whose === 'ours')) return original.call(sessions, id, ...rest);
    Object.assign(sessions, { [method]: original });
    (rest.at(-1) as (error: Error) => void)(new Error('connection reset'));
  };
  Object.assign(sessions, { [method]: fail });
}

/** A browser with one cookie jar. */
function createVisitor() {
  let cookie: string | undefined;
  let changes = 0;
  async function call(url: string, line: string, body?: object, status = 200) {
    const [method = '', path = ''] = line.split(' ');
    const headers = { ...(cookie && { cookie }), 'Content-Type': 'application/json' };
    const response = await fetch(url + path, { method, headers, body: body ? JSON.stringify(body) : null });
    for (const header of response.headers.getSetCookie()) {
      const [pair = ''] = header.split(';');
      cookie = header.includes('Expires=Thu, 01 Jan 1970') ? undefined : pair;
      changes++;
    }
    expect(response.status).toBe(status);
    return status === 200 ? response.json() : undefined;
  }
  return {
    call,
    logIn: (url: string, name: string, status?: number) =>
      call(url, 'POST /login', { name, password: 'right' }, status),
    cookie: () => cookie,
    changes: () => changes,
    steal: (other: string | undefined) => {
      cookie = other;
    },
    id: () => /^connect\.sid=s%3A([\w-]+)\./.exec(cookie ?? '')?.[1],
  };
}

describe('migrating from express-session', () => {
  it('keeps a visitor logged in, with the same cookie and cart, through all three stages', async () => {
    const deploy = createDeployments();
    const visitor = createVisitor();

    const first = await deploy('stage-1');
    await visitor.call(first, 'POST /cart/lamp');
    await visitor.logIn(first, 'ann');
    const { cookie, id } = { cookie: visitor.cookie(), id: visitor.id() };
    expect(await visitor.call(first, 'GET /me')).toEqual({ customerId: 'ann', cart: ['lamp'] });
    const changes = visitor.changes();

    const second = await deploy('stage-2');
    expect(await visitor.call(second, 'GET /me')).toEqual({ customerId: 'ann', cart: ['lamp'] });
    expect(await visitor.call(second, 'POST /cart/desk')).toEqual({ cart: ['lamp', 'desk'] });

    const third = await deploy('stage-3');
    expect(await visitor.call(third, 'GET /me')).toEqual({ customerId: 'ann', cart: ['lamp', 'desk'] });
    expect(visitor.cookie()).toBe(cookie);
    expect(visitor.id()).toBe(id);
    expect(visitor.changes()).toBe(changes);

    expect(await visitor.logIn(third, 'bob')).toEqual({ customerId: 'bob' });
    expect(visitor.id()).not.toBe(id);
    expect(await visitor.call(third, 'GET /me')).toEqual({ customerId: 'bob' });
    expect(await visitor.call(third, 'POST /logout')).toEqual({ loggedOut: true });
    expect(visitor.cookie()).toBeUndefined();
    expect(await visitor.call(third, 'GET /me')).toEqual({});
  });

  it.each(['stage-1', 'stage-2', 'stage-3'] as const)(
    'never gives a cart to another customer, in %s',
    async (stage) => {
      const deploy = createDeployments();
      const visitor = createVisitor();
      const url = await deploy(stage);
      await visitor.logIn(url, 'ann');
      await visitor.call(url, 'POST /cart/lamp');
      await visitor.logIn(url, 'ann');
      expect(await visitor.call(url, 'GET /me')).toEqual({ customerId: 'ann', cart: ['lamp'] });
      await visitor.logIn(url, 'bob');
      expect(await visitor.call(url, 'GET /me')).toEqual({ customerId: 'bob' });
    },
  );

  it.each([
    ['stage-2', 'destroy', 'theirs', 500],
    ['stage-2', 'destroy', 'ours', 500],
    ['stage-3', 'destroy', 'ours', 503],
    ['stage-3', 'set', 'ours', 503],
  ] as const)(
    'a login in %s keeps the cart, and gives it to no other customer, if a %s of %s fails',
    async (stage, method, whose, status) => {
      vi.spyOn(console, 'error').mockImplementation(() => {});
      const shared = new Map<string, object>();
      const url = await createDeployments(shared)(stage);
      const visitor = createVisitor();
      await visitor.call(url, 'POST /cart/lamp');
      failOnce(shared, method, whose);
      await visitor.logIn(url, 'ann', status);
      await visitor.logIn(url, 'ann');
      expect(await visitor.call(url, 'GET /me')).toEqual({ customerId: 'ann', cart: ['lamp'] });
      failOnce(shared, method, whose);
      await visitor.logIn(url, 'bob', status);
      const left = await visitor.call(url, 'GET /me');
      expect([{ customerId: 'ann', cart: ['lamp'] }, { customerId: 'bob' }, {}]).toContainEqual(left);
      await visitor.logIn(url, 'bob');
      expect(await visitor.call(url, 'GET /me')).toEqual({ customerId: 'bob' });
    },
  );

  it.each(['stage-1', 'stage-2', 'stage-3'] as const)(
    'both sessions have the cart after a login that is sent twice, in %s',
    async (stage) => {
      let calls = 0;
      let onBoth = () => {};
      const both = new Promise<void>((resolve) => {
        onBoth = resolve;
      });
      const checkPassword = async () => {
        if (++calls === 2) onBoth();
        await both;
        return 'ann';
      };
      const deploy = createDeployments(new Map([['check-password', { checkPassword }]]));
      const url = await deploy(stage);
      const [first, second] = [createVisitor(), createVisitor()];
      await first.call(url, 'POST /cart/lamp');
      second.steal(first.cookie());
      await Promise.all([first.logIn(url, 'ann'), second.logIn(url, 'ann')]);
      for (const visitor of [first, second])
        expect(await visitor.call(url, 'GET /me')).toEqual({ customerId: 'ann', cart: ['lamp'] });
    },
  );

  it('a logout in stage 3 that fails keeps the cart, and the next one removes it', async () => {
    vi.spyOn(console, 'error').mockImplementation(() => {});
    const shared = new Map<string, object>();
    const url = await createDeployments(shared)('stage-3');
    const visitor = createVisitor();
    await visitor.call(url, 'POST /cart/lamp');
    failOnce(shared, 'destroy', 'ours');
    await visitor.call(url, 'POST /logout', undefined, 503);
    expect(await visitor.call(url, 'GET /me')).toEqual({ cart: ['lamp'] });
    await visitor.call(url, 'POST /logout');
    expect(shared.get('shared')).toHaveProperty('carts', new Map());
  });

  it('logs in and out in stage 2, and an ended session stays ended in stage 3', async () => {
    const deploy = createDeployments();
    const [visitor, thief] = [createVisitor(), createVisitor()];
    const second = await deploy('stage-2');
    await visitor.call(second, 'POST /cart/lamp');
    const anonymous = visitor.cookie();
    await visitor.logIn(second, 'ann');
    expect(visitor.cookie()).not.toBe(anonymous);
    expect(await visitor.call(second, 'GET /me')).toEqual({ customerId: 'ann', cart: ['lamp'] });
    const loggedIn = visitor.cookie();

    const third = await deploy('stage-3');
    thief.steal(anonymous);
    expect(await thief.call(third, 'GET /me')).toEqual({});
    expect(await visitor.call(third, 'GET /me')).toEqual({ customerId: 'ann', cart: ['lamp'] });

    expect(await visitor.call(second, 'POST /logout')).toEqual({ loggedOut: true });
    for (const url of [second, third]) {
      thief.steal(loggedIn);
      expect(await thief.call(url, 'GET /me')).toEqual({});
    }
  });

  it('a request in parallel with a logout in stage 2 revives nothing', async () => {
    const shared = new Map<string, object>();
    const deploy = createDeployments(shared);
    const [visitor, parallel, thief] = [createVisitor(), createVisitor(), createVisitor()];
    const second = await deploy('stage-2');
    await visitor.logIn(second, 'ann');
    for (const other of [parallel, thief]) other.steal(visitor.cookie());
    const { reached, release } = holdDestroy(shared);
    const logout = visitor.call(second, 'POST /logout');
    await reached;
    await parallel.call(second, 'GET /me');
    release();
    await logout;
    expect(await thief.call(await deploy('stage-3'), 'GET /me')).toEqual({});
  });

  it('can go back from stage 2 to stage 1, still logged in', async () => {
    const deploy = createDeployments();
    const visitor = createVisitor();
    const [first, second] = [await deploy('stage-1'), await deploy('stage-2')];
    await visitor.logIn(first, 'ann');
    await visitor.call(second, 'GET /me');
    expect(await visitor.call(first, 'GET /me')).toEqual({ customerId: 'ann' });
    await visitor.logIn(second, 'bob');
    expect(await visitor.call(first, 'GET /me')).toEqual({ customerId: 'bob' });
  });

  it('gives a visitor who skipped stage 2 a new session', async () => {
    const deploy = createDeployments();
    const visitor = createVisitor();
    await visitor.logIn(await deploy('stage-1'), 'ann');
    const before = visitor.id();
    const third = await deploy('stage-3');
    expect(await visitor.call(third, 'GET /me')).toEqual({});
    expect(visitor.id()).not.toBe(before);
    expect(await visitor.logIn(third, 'ann')).toEqual({ customerId: 'ann' });
  });

  it.each(['stage-1', 'stage-2', 'stage-3'] as const)('%s keeps visitors apart', async (stage) => {
    const url = await createDeployments()(stage);
    const logIn = async () => {
      const visitor = createVisitor();
      await visitor.logIn(url, 'ann');
      return visitor.cookie() ?? '';
    };
    await attackVisitors({ url, who: '/me', logIn, paths: ['/', '/login', '/logout'] });
  });

  it('must not let both set the cookie: the response carries ours only', async () => {
    const app = express();
    app.use(session({ secret, resave: false, saveUninitialized: true }));
    app.use(attachSession(createMemoryStore(), { cookie: { secret }, autoCreate: true }));
    app.get('/', (req, res) => void res.json({ ours: req.sessionInfo?.sessionId, theirs: req.sessionID }));
    const { url } = await listen(app);
    const response = await fetch(url);
    const { ours, theirs } = (await response.json()) as { ours: string; theirs: string };
    expect(theirs).not.toBe(ours);
    expect(cookieOf({ headers: { 'set-cookie': response.headers.getSetCookie() } })).toBe(signedCookie(ours));
  });
});

describe('rotating the secret', () => {
  it('verifies what the old one signed, and signs with the new one', async () => {
    vi.stubEnv('SESSION_SECRET', 'the new secret');
    vi.stubEnv('OLD_SESSION_SECRET', secret);
    const { url, store } = await startAttach();
    await store.create('old-visitor', { customerId: 'ann' });
    const response = await fetch(url, { headers: { cookie: signedCookie('old-visitor') } });
    expect(await response.json()).toEqual({ customerId: 'ann', sessionId: 'old-visitor' });
    const created = await fetch(url);
    const { sessionId } = (await created.json()) as { sessionId: string };
    const set = cookieOf({ headers: { 'set-cookie': created.headers.getSetCookie() } });
    expect(set).toBe(signedCookie(sessionId, 'connect.sid', 'the new secret'));
  });
});

it('sets a cookie that no other host can plant, by HTTPS only', async () => {
  const { url } = await startBlock(PAGE, 'strict-cookie');
  const secure = await fetch(url, { headers: { 'X-Forwarded-Proto': 'https' } });
  expect(secure.headers.getSetCookie()).toEqual([
    expect.stringMatching(/^__Host-session=s%3A[^;]+; Path=\/; HttpOnly; Secure; SameSite=Lax$/),
  ]);
  expect((await fetch(url)).headers.getSetCookie()).toEqual([]);
});

it('no sample starts without a secret', async () => {
  vi.stubEnv('SESSION_SECRET', '');
  const samples = blocksOf(PAGE).filter(({ name, text }) => name !== 'shared' && text.includes('secret'));
  expect(samples).toHaveLength(5);
  for (const { name } of samples) await expect(startBlock(PAGE, name)).rejects.toThrow('Set SESSION_SECRET');
});

/** Serves the middleware of the block about rotation. */
async function startAttach() {
  type Exports = { store: ReturnType<typeof createMemoryStore>; attach: express.RequestHandler };
  const { store, attach } = runBlock<Exports>(PAGE, 'rotate');
  const app = express().use(attach);
  app.get('/', ({ sessionInfo }, res) => {
    res.json({ customerId: sessionInfo?.customerId, sessionId: sessionInfo?.sessionId });
  });
  return { store, ...(await listen(app)) };
}
