import type { Express } from 'express';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import * as library from '../../src/index.js';
import { createMemoryStore, maskSessionId, type SessionInfo } from '../../src/index.js';
import { attackVisitors } from './attack-visitors.js';
import { blocksOf } from './docs-pages.js';
import { runBlock, startBlock } from './run-block.js';
import { cookieOfCustomer, get, post, secret } from './visitor.js';

const PAGE = 'customers.md';

type Store = ReturnType<typeof createMemoryStore>;

/** Starts a sample with a route that shows the request's customer. */
async function start(name: string, replaced: object = {}, more: Record<string, object> = {}) {
  const modules = { 'express-session-info': { ...library, ...replaced }, ...more };
  const { url, exports } = await startBlock<{ app: Express; store: Store }>(PAGE, name, { modules });
  const { app, store } = exports;
  app.get('/who', (req, res) => res.json({ customerId: req.sessionInfo?.customerId ?? null }));
  const who = async (cookie: string) => (await get(`${url}/who`, cookie)).body;
  return { url, store, who, logIn: () => cookieOfCustomer(store, 'ann') };
}

/** The first `times` calls end the newest session that they may end, and then fail. */
function failHalfWay(store: Store, times: number): void {
  const { deleteByCustomer } = store;
  let calls = 0;
  store.deleteByCustomer = async (customerId, options) => {
    if (++calls > times) return deleteByCustomer(customerId, options);
    const sessions = await store.listByCustomer(customerId);
    const next = sessions.find(({ sessionId }) => sessionId !== options?.except);
    if (next) await store.delete(next.sessionId);
    throw new Error('connect ECONNREFUSED 10.0.0.7');
  };
}

beforeEach(() => {
  vi.stubEnv('SESSION_SECRET', secret);
  vi.stubEnv('DESK_KEY', 'a key');
});
afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

describe('log out everywhere', () => {
  it('ends every session of the customer and no other, and removes the cookie', async () => {
    const { url, store, who, logIn } = await start('log-out-everywhere');
    const [first, second, bob] = [await logIn(), await logIn(), await cookieOfCustomer(store, 'bob')];
    const response = await post(`${url}/log-out-everywhere`, undefined, first);
    expect(response.body).toEqual({ ended: 2 });
    expect(response.setCookie[0]).toMatch(/^connect\.sid=;/);
    for (const cookie of [first, second]) expect(await who(cookie)).toEqual({ customerId: null });
    expect(await who(bob)).toEqual({ customerId: 'bob' });
  });

  it('can be repeated after it ended some sessions and then failed', async () => {
    vi.spyOn(console, 'error').mockImplementation(() => {});
    const { url, store, who, logIn } = await start('log-out-everywhere');
    const [other, another, mine] = [await logIn(), await logIn(), await logIn()];
    failHalfWay(store, 1);
    expect((await post(`${url}/log-out-everywhere`, undefined, mine)).status).toBe(503);
    expect((await post(`${url}/log-out-everywhere`, undefined, mine)).body).toEqual({ ended: 2 });
    for (const cookie of [other, another, mine]) expect(await who(cookie)).toEqual({ customerId: null });
  });

  it('of a visitor without a customer ends this session only', async () => {
    const { url, store, who, logIn } = await start('log-out-everywhere');
    const cookie = await logIn();
    const anonymous = await cookieOfCustomer(store, undefined as never);
    expect((await post(`${url}/log-out-everywhere`, undefined, anonymous)).body).toEqual({ ended: 1 });
    expect((await post(`${url}/log-out-everywhere`)).status).toBe(400);
    expect(await who(cookie)).toEqual({ customerId: 'ann' });
  });
});

describe('after a password change', () => {
  it('the others have ended, even if this one cannot get a new ID', async () => {
    vi.spyOn(console, 'error').mockImplementation(() => {});
    const { url, store, who, logIn } = await start('password-change');
    const [mine, other] = [await logIn(), await logIn()];
    store.create = () => {
      throw new Error('connect ECONNREFUSED 10.0.0.7');
    };
    expect((await post(`${url}/password`, { old: 'the old password' }, mine)).status).toBe(503);
    expect(await who(other)).toEqual({ customerId: null });
    expect(await who(mine)).toEqual({ customerId: 'ann' });
  });

  it('and a 503, logging out everywhere ends the others, with the cookie that the page still has', async () => {
    vi.spyOn(console, 'error').mockImplementation(() => {});
    const { url, store, who, logIn } = await start('password-change');
    const everywhere = await start('log-out-everywhere', { createMemoryStore: () => store });
    const [mine, other] = [await logIn(), await logIn()];
    failHalfWay(store, 1);
    const failed = await post(`${url}/password`, { old: 'the old password' }, mine);
    expect([failed.status, failed.setCookie]).toEqual([503, []]);
    expect((await post(`${everywhere.url}/log-out-everywhere`, undefined, mine)).status).toBe(200);
    for (const cookie of [mine, other]) expect(await who(cookie)).toEqual({ customerId: null });
  });

  it('this session has a new ID and the others have ended', async () => {
    const { url, who, logIn } = await start('password-change');
    const [mine, other] = [await logIn(), await logIn()];
    const changed = await post(`${url}/password`, { old: 'the old password' }, mine);
    expect(changed.body).toEqual({ changed: true, ended: 1 });
    expect(changed.cookie).not.toBe(mine);
    for (const cookie of [mine, other]) expect(await who(cookie)).toEqual({ customerId: null });
    expect(await who(changed.cookie)).toEqual({ customerId: 'ann' });
  });

  it('sent twice, the visitor stays logged in', async () => {
    // Both requests have the session from before, and see the old password; the second goes on when the first is done.
    let onBoth = () => {};
    const both = new Promise<void>((resolve) => {
      onBoth = resolve;
    });
    const changePassword = async (_customerId: string, { isSecond = false }) => {
      if (!isSecond) await both;
      else {
        onBoth();
        await first;
      }
      return true;
    };
    const { url, who, logIn } = await start(
      'password-change',
      {},
      { './change-password.js': { changePassword } },
    );
    const mine = await logIn();
    const first = post(`${url}/password`, {}, mine);
    const { body, cookie } = await post(`${url}/password`, { isSecond: true }, mine);
    expect(body).toEqual({ changed: true, ended: 1 });
    expect(await who((await first).cookie)).toEqual({ customerId: null });
    expect(await who(cookie)).toEqual({ customerId: 'ann' });
  });

  it('a session alone does not change a password', async () => {
    const { url, who, logIn } = await start('password-change');
    const [mine, other] = [await logIn(), await logIn()];
    for (const body of [{ old: 'a guess' }, [], undefined])
      expect((await post(`${url}/password`, body, mine)).status).toBe(403);
    for (const cookie of [mine, other]) expect(await who(cookie)).toEqual({ customerId: 'ann' });
  });
});

it('a login ends the other sessions of the customer', async () => {
  const { url, who } = await start('one-session');
  const logIn = async (name: string) => (await post(`${url}/login`, { name, password: 'right' })).cookie;
  const [first, bob, second] = [await logIn('ann'), await logIn('bob'), await logIn('ann')];
  expect(await who(first)).toEqual({ customerId: null });
  expect(await who(second)).toEqual({ customerId: 'ann' });
  expect(await who(bob)).toEqual({ customerId: 'bob' });
  expect((await post(`${url}/login`, { name: 'ann', password: 'wrong' })).status).toBe(401);
  expect(await who(second)).toEqual({ customerId: 'ann' });
});

describe('the list for the customer', () => {
  it('shows their own sessions, without any ID', async () => {
    const { url, store, logIn } = await start('list');
    const [mine] = [await logIn(), await logIn(), await cookieOfCustomer(store, 'bob')];
    const { body } = await get(`${url}/my-sessions`, mine);
    const sessions = store.listByCustomer('ann') as SessionInfo[];
    expect(body).toEqual(
      sessions.map(({ sessionId, createdAt }) => ({
        id: maskSessionId(sessionId),
        createdAt,
        isThisOne: mine.includes(sessionId),
      })),
    );
    expect(sessions).toHaveLength(2);
    for (const { sessionId } of sessions) expect(JSON.stringify(body)).not.toContain(sessionId);
  });

  it('is empty for a visitor without a customer, and needs a session', async () => {
    const { url, store, logIn } = await start('list');
    await logIn();
    const anonymous = await cookieOfCustomer(store, undefined as never);
    expect(await get(`${url}/my-sessions`, anonymous)).toEqual({ status: 200, body: [] });
    expect((await get(`${url}/my-sessions`)).status).toBe(400);
  });
});

describe('if the store fails or hangs', { timeout: 20_000 }, () => {
  const fails = () => Promise.reject(new Error('connect ECONNREFUSED 10.0.0.7'));
  const hangs = () => new Promise(() => {});
  const throws = () => {
    throw new Error('database is locked');
  };

  it.each([
    ['log-out-everywhere', '/log-out-everywhere', undefined],
    ['password-change', '/password', { old: 'the old password' }],
    ['one-session', '/login', { name: 'ann', password: 'right' }],
    ['list', '/my-sessions', undefined],
  ])('%s responds 503 in time, without the error of the driver', async (name, path, body) => {
    vi.stubEnv('NODE_ENV', 'development');
    vi.spyOn(console, 'error').mockImplementation(() => {});
    for (const call of [fails, hangs, throws]) {
      const { url, store, logIn } = await start(name);
      const cookie = await logIn();
      Object.assign(store, { listByCustomer: call, deleteByCustomer: call });
      const method = name === 'list' ? 'GET' : 'POST';
      const response = await fetch(url + path, {
        method,
        headers: { cookie, 'content-type': 'application/json' },
        ...(body && { body: JSON.stringify(body) }),
        signal: AbortSignal.timeout(3000),
      });
      expect(response.status).toBe(503);
      const text = await response.text();
      expect(text).toContain('Session store unavailable');
      expect(text).not.toMatch(/ECONNREFUSED|10\.0\.0\.7|locked/);
    }
  });
});

it('erasing a customer removes their sessions from the store', async () => {
  const { eraseCustomer } = runBlock<{ eraseCustomer(store: Store, customerId: string): Promise<number> }>(
    PAGE,
    'erase',
  );
  const store = createMemoryStore();
  for (const [id, customerId] of [
    ['a', 'ann'],
    ['b', 'ann'],
    ['c', 'bob'],
  ] as const)
    store.create(id, { customerId });
  expect(await eraseCustomer(store, 'ann')).toBe(2);
  expect(['a', 'b', 'c'].map((id) => store.peek(id) !== undefined)).toEqual([false, false, true]);
});

describe('handing a session back', () => {
  const handBack = async (url: string, sessionId: string, authorization: string) => {
    const response = await fetch(`${url}/desk/sessions/${sessionId}/hand-back`, {
      method: 'POST',
      headers: { authorization, gkc_sessionId: sessionId, gkc_customerId: 'mallory' },
    });
    return { status: response.status, text: await response.text() };
  };

  it('removes the agent and nothing else', async () => {
    const { url, exports } = await startBlock<{ store: Store }>(PAGE, 'hand-back');
    exports.store.create('one', { agentId: 'agent-7', customerId: 'ann' });
    const { status, text } = await handBack(url, 'one', 'Bearer a key');
    expect([status, JSON.parse(text)]).toEqual([200, { agentId: null }]);
    expect(exports.store.peek('one')).toMatchObject({ customerId: 'ann' });
    expect(exports.store.peek('one')).not.toHaveProperty('agentId');
    expect((await handBack(url, 'unknown', 'Bearer a key')).status).toBe(404);
    expect((await handBack(url, 'x'.repeat(5000), 'Bearer a key')).status).toBe(400);
  });

  it('needs the key of the desk', async () => {
    const { url, exports } = await startBlock<{ store: Store }>(PAGE, 'hand-back');
    exports.store.create('one', { agentId: 'agent-7' });
    for (const authorization of ['', 'Bearer ', 'Bearer undefined', 'a key', 'Bearer a keyy'])
      expect((await handBack(url, 'one', authorization)).status).toBe(403);
    expect(exports.store.peek('one')).toHaveProperty('agentId');
  });

  it('does not start without that key', () => {
    vi.stubEnv('DESK_KEY', '');
    expect(() => runBlock(PAGE, 'hand-back')).toThrow('Set DESK_KEY to a long random string');
  });
});

describe('the samples for visitors', () => {
  it.each([
    ['log-out-everywhere', '/log-out-everywhere'],
    ['password-change', '/password'],
    ['one-session', '/login'],
    ['list', '/my-sessions'],
  ])('%s keeps visitors apart', async (name, path) => {
    const { url, logIn } = await start(name);
    await attackVisitors({ url, who: '/who', logIn, paths: [path] });
  });

  it('do not start without a secret', () => {
    vi.stubEnv('SESSION_SECRET', '');
    const samples = blocksOf(PAGE).filter(({ text }) => text.includes('SESSION_SECRET'));
    expect(samples).toHaveLength(4);
    for (const { name } of samples) expect(() => runBlock(PAGE, name), name).toThrow('Set SESSION_SECRET');
  });
});
