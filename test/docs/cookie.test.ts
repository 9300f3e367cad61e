import { sign } from 'cookie-signature';
import express from 'express';
import session from 'express-session';
import { describe, expect, it } from 'vitest';
import { createMemoryStore, createSessionRouter } from '../../src/index.js';
import { listen } from '../http/hosts.js';
import { runBlock, startBlock } from './run-block.js';

const PAGE = 'cookie.md';

/** The three stages, which share what they keep, as deployments of one host share a database. */
function createDeployments() {
  const shared = new Map<string, object>();
  return async (stage: 'stage-1' | 'stage-2' | 'stage-3') => (await startBlock(PAGE, stage, {}, shared)).url;
}

/** A browser with one cookie jar. */
function createVisitor() {
  let cookie: string | undefined;
  let changes = 0;
  return {
    async call(url: string, line: string) {
      const [method = '', path = ''] = line.split(' ');
      const answer = await fetch(url + path, { method, headers: cookie === undefined ? {} : { cookie } });
      for (const header of answer.headers.getSetCookie()) {
        const [pair = ''] = header.split(';');
        cookie = header.includes('Expires=Thu, 01 Jan 1970') ? undefined : pair;
        changes++;
      }
      expect(answer.status).toBe(200);
      return answer.json();
    },
    cookie: () => cookie,
    changes: () => changes,
    steal: (other: string | undefined) => {
      cookie = other;
    },
    id: () => /^connect\.sid=s%3A([\w-]+)\./.exec(cookie ?? '')?.[1],
  };
}

describe('moving over from express-session', () => {
  it('keeps a visitor logged in, with the same cookie and cart, through all three stages', async () => {
    const deploy = createDeployments();
    const visitor = createVisitor();

    const first = await deploy('stage-1');
    await visitor.call(first, 'POST /cart/lamp');
    await visitor.call(first, 'POST /login/customer-7');
    const { cookie, id } = { cookie: visitor.cookie(), id: visitor.id() };
    expect(await visitor.call(first, 'GET /me')).toEqual({ customerId: 'customer-7', cart: ['lamp'] });
    const changes = visitor.changes();

    const second = await deploy('stage-2');
    expect(await visitor.call(second, 'GET /me')).toEqual({ customerId: 'customer-7', cart: ['lamp'] });
    expect(await visitor.call(second, 'POST /cart/desk')).toEqual({ cart: ['lamp', 'desk'] });

    const third = await deploy('stage-3');
    expect(await visitor.call(third, 'GET /me')).toEqual({
      customerId: 'customer-7',
      cart: ['lamp', 'desk'],
    });
    expect(visitor.cookie()).toBe(cookie);
    expect(visitor.id()).toBe(id);
    expect(visitor.changes()).toBe(changes);

    expect(await visitor.call(third, 'POST /login/customer-8')).toEqual({ customerId: 'customer-8' });
    expect(visitor.id()).not.toBe(id);
    expect(await visitor.call(third, 'GET /me')).toEqual({
      customerId: 'customer-8',
      cart: ['lamp', 'desk'],
    });
    expect(await visitor.call(third, 'POST /logout')).toEqual({ ended: true });
    expect(visitor.cookie()).toBeUndefined();
    expect(await visitor.call(third, 'GET /me')).toEqual({});
  });

  it('logs in and out in stage 2, and dead cookies stay dead in stage 3', async () => {
    const deploy = createDeployments();
    const [visitor, thief] = [createVisitor(), createVisitor()];
    const second = await deploy('stage-2');
    await visitor.call(second, 'POST /cart/lamp');
    const anonymous = visitor.cookie();
    await visitor.call(second, 'POST /login/customer-7');
    expect(visitor.cookie()).not.toBe(anonymous);
    expect(await visitor.call(second, 'GET /me')).toEqual({ customerId: 'customer-7', cart: ['lamp'] });
    const loggedIn = visitor.cookie();

    const third = await deploy('stage-3');
    thief.steal(anonymous);
    expect(await thief.call(third, 'GET /me')).toEqual({});
    expect(await visitor.call(third, 'GET /me')).toEqual({ customerId: 'customer-7', cart: ['lamp'] });

    expect(await visitor.call(second, 'POST /logout')).toEqual({ ended: true });
    thief.steal(loggedIn);
    expect(await thief.call(second, 'GET /me')).toEqual({});
    thief.steal(loggedIn);
    expect(await thief.call(third, 'GET /me')).toEqual({});
  });

  it('can go back from stage 2 to stage 1, still logged in', async () => {
    const deploy = createDeployments();
    const visitor = createVisitor();
    const [first, second] = [await deploy('stage-1'), await deploy('stage-2')];
    await visitor.call(first, 'POST /login/customer-7');
    await visitor.call(second, 'GET /me');
    expect(await visitor.call(first, 'GET /me')).toEqual({ customerId: 'customer-7' });
    await visitor.call(second, 'POST /login/customer-8');
    expect(await visitor.call(first, 'GET /me')).toEqual({ customerId: 'customer-8' });
  });

  it('gives a visitor who skipped stage 2 a new session, and closes the routes', async () => {
    const deploy = createDeployments();
    const visitor = createVisitor();
    await visitor.call(await deploy('stage-1'), 'POST /login/customer-7');
    const before = visitor.id();
    const third = await deploy('stage-3');
    expect(await visitor.call(third, 'GET /me')).toEqual({});
    expect(visitor.id()).not.toBe(before);
    expect(await visitor.call(third, 'POST /login/customer-7')).toEqual({ customerId: 'customer-7' });
    expect((await fetch(`${third}/sessions/new`, { method: 'PUT' })).status).toBe(403);
  });

  it('must not let both set the cookie: one response then carries two', async () => {
    const secret = 'keyboard cat';
    const app = express();
    app.use(session({ secret, resave: false, saveUninitialized: true }));
    app.use(createSessionRouter(createMemoryStore(), { cookie: { secret }, autoCreate: true }));
    app.get('/', (_req, res) => void res.json({}));
    const { url } = await listen(app);
    const cookies = (await fetch(url)).headers.getSetCookie().map((header) => header.split(';')[0]);
    expect(cookies).toHaveLength(2);
    expect(new Set(cookies).size).toBe(2);
    for (const cookie of cookies) expect(cookie).toMatch(/^connect\.sid=/);
  });
});

describe('rotating the secret', () => {
  it('verifies what the old one signed, and signs with the new one', async () => {
    const shared = new Map<string, object>();
    const { router } = runBlock<{ router: express.Router }>(PAGE, 'rotate', {}, shared);
    const { infos } = shared.get('shared') as { infos: ReturnType<typeof createMemoryStore> };
    await infos.create('old-visitor', { customerId: 'customer-7' });
    const app = express().use(router);
    app.get('/me', (req, res) => void res.json({ customerId: req.sessionInfo?.customerId }));
    const { url } = await listen(app);
    const cookie = `connect.sid=${encodeURIComponent(`s:${sign('old-visitor', 'keyboard cat')}`)}`;
    expect(await (await fetch(`${url}/me`, { headers: { cookie } })).json()).toEqual({
      customerId: 'customer-7',
    });
    const created = await fetch(`${url}/sessions/new`, { method: 'PUT' });
    const { sessionId } = (await created.json()) as { sessionId: string };
    expect(decodeURIComponent(created.headers.getSetCookie()[0] ?? '')).toContain(
      sign(sessionId, 'the new secret'),
    );
  });
});
