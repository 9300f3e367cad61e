import { randomBytes } from 'node:crypto';
import { createRequire } from 'node:module';
import { setTimeout as sleep } from 'node:timers/promises';
import express from 'express';
import request from 'supertest';
import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { attachSession, createMemoryStore, createSessionRouter, requireSession } from '../../src/index.js';
import { listen } from '../http/hosts.js';
import { cookieOf, setCookies, signedCookie } from '../http/signed-cookie.js';
import { attackVisitors } from './attack-visitors.js';
import { proseOf } from './docs-pages.js';
import { startBlock } from './run-block.js';
import { get, post } from './visitor.js';

const PAGE = 'security.md';

beforeEach(() => {
  vi.stubEnv('SESSION_SECRET', 'a secret of this test');
  vi.stubEnv('SERVICE_KEY', 'a key of this test');
});

describe('the app for visitors and services', () => {
  async function start() {
    const { url } = await startBlock(PAGE, 'visitors-and-services');
    const send = (line: string, headers: Record<string, string> = {}, body?: object) => {
      const [method = '', path = ''] = line.split(' ');
      const all = { 'Content-Type': 'application/json', ...headers };
      return fetch(url + path, { method, headers: all, body: body ? JSON.stringify(body) : null });
    };
    const logIn = async () => {
      const response = await send('POST /login', {}, { name: 'ann', password: 'right' });
      return cookieOf({ headers: { 'set-cookie': response.headers.getSetCookie() } });
    };
    return { url, send, logIn };
  }

  it('keeps visitors apart', async () => {
    const { url, logIn } = await start();
    await attackVisitors({ url, who: '/me', logIn, paths: ['/', '/login', '/logout'] });
  });

  it('lets services only call the routes, and only the server choose IDs', async () => {
    const { url, send } = await start();
    const wrong = ['', 'Bearer', 'Bearer ', 'Bearer wrong', 'Bearer undefined', 'a key of this test'];
    for (const authorization of wrong)
      expect((await send('PUT /api/sessions/new', { authorization })).status).toBe(403);
    const authorization = 'Bearer a key of this test';
    const created = await send('PUT /api/sessions/new', { authorization, gkc_customerId: 'c' });
    const { sessionId, customerId } = (await created.json()) as Record<string, string>;
    expect(customerId).toBe('c');
    expect((await send('POST /api/sessions/chosen', { authorization })).status).toBe(404);
    const visitor = await fetch(`${url}/me?sessionId=${sessionId}`, {
      headers: { gkc_sessionId: `${sessionId}` },
    });
    expect(await visitor.json()).toEqual({ customerId: null });
  });

  it('without its check of the key, `Bearer undefined` opens the routes', async () => {
    vi.stubEnv('SERVICE_KEY', undefined);
    const { url } = await startBlock(PAGE, 'visitors-and-services', {
      replace: { 'if (!secret || !key) throw': 'if (!secret) throw' },
    });
    const headers = { authorization: 'Bearer undefined' };
    expect((await fetch(`${url}/api/sessions/new`, { method: 'PUT', headers })).status).toBe(201);
  });

  it('lets a service use the session of a visitor, whose ID the app sends', async () => {
    const { url } = await startBlock(PAGE, 'visitors-and-services', {
      replace: { "app.get('/me'": "app.get('/id', (req, res) => res.json(req.sessionInfo));\napp.get('/me'" },
    });
    const { cookie } = await post(`${url}/login`, { name: 'ann', password: 'right' });
    const { sessionId } = (await get(`${url}/id`, cookie)).body as { sessionId: string };
    const headers = { authorization: 'Bearer a key of this test', gkc_agentId: 'agent-7' };
    const response = await fetch(`${url}/api/sessions/${sessionId}`, { method: 'POST', headers });
    expect(await response.json()).toMatchObject({ customerId: 'ann', agentId: 'agent-7' });
  });

  it('refuses what comes from other sites', async () => {
    const { send, logIn } = await start();
    const logout = async (site: string, cookie: string) =>
      send('POST /logout', { 'Sec-Fetch-Site': site, cookie });
    for (const site of ['cross-site', 'same-site']) {
      const refused = await logout(site, await logIn());
      expect(refused.status).toBe(403);
      expect(refused.headers.getSetCookie()).toEqual([]);
    }
    expect((await logout('same-origin', await logIn())).status).toBe(200);
    expect((await send('GET /me', { 'Sec-Fetch-Site': 'cross-site' })).status).toBe(200);
  });

  it('needs the password', async () => {
    const { send } = await start();
    expect((await send('POST /login', {}, { name: 'ann', password: 'wrong' })).status).toBe(401);
  });

  it.each(['SESSION_SECRET', 'SERVICE_KEY'])('does not start without %s', async (name) => {
    vi.stubEnv(name, '');
    await expect(startBlock(PAGE, 'visitors-and-services')).rejects.toThrow(
      'Set SESSION_SECRET and SERVICE_KEY',
    );
  });
});

it('makes IDs of 256 bits', async () => {
  expect(proseOf(PAGE)).toContain("`generateId: () => randomBytes(32).toString('base64url')`");
  const generateId = () => randomBytes(32).toString('base64url');
  const { url } = await listen(express().use(createSessionRouter(createMemoryStore(), { generateId })));
  const ids = await Promise.all(
    [1, 2, 3].map(async () => {
      const response = await fetch(`${url}/sessions/new`, { method: 'PUT' });
      return ((await response.json()) as { sessionId: string }).sessionId;
    }),
  );
  for (const id of ids) expect(Buffer.from(id, 'base64url')).toHaveLength(32);
  expect(new Set(ids).size).toBe(3);
});

describe('what the page says of the package', () => {
  it('a session ends when idle, and at its maximum age however much it is used', async () => {
    const idle = createMemoryStore({ idleTimeout: 40 });
    const old = createMemoryStore({ absoluteTimeout: 120 });
    await Promise.all([idle.create('s', {}), old.create('s', {})]);
    const app = express();
    app.get('/idle', attachSession(idle), requireSession(), (_req, res) => void res.json({}));
    app.get('/old', attachSession(old), requireSession(), (_req, res) => void res.json({}));
    const { url } = await listen(app);
    const end = Date.now() + 130;
    while (Date.now() < end) {
      await request(url).get('/old?sessionId=s');
      await sleep(10);
    }
    expect((await request(url).get('/old?sessionId=s')).status).toBe(404);
    expect((await request(url).get('/idle?sessionId=s')).status).toBe(404);
  });

  it('the signature is compared in constant time', async () => {
    const crypto = createRequire(import.meta.url)('node:crypto') as typeof import('node:crypto');
    const compare = vi.spyOn(crypto, 'timingSafeEqual');
    onTestFinished(() => compare.mockRestore());
    const store = createMemoryStore();
    await store.create('s', {});
    const app = express().use(attachSession(store, { cookie: { secret: 'right' } }));
    app.get('/', (req, res) => void res.json({ known: req.sessionInfo !== undefined }));
    const { url } = await listen(app);
    for (const by of ['right', 'wrong']) {
      const Cookie = signedCookie('s', 'connect.sid', by);
      expect((await request(url).get('/').set({ Cookie })).body).toEqual({ known: by === 'right' });
    }
    expect(compare).toHaveBeenCalledTimes(2);
  });

  it('the value of the cookie has at most 262 bytes', async () => {
    const options = { cookie: { secret: 's' }, generateId: () => 'x'.repeat(128) };
    const { url } = await listen(express().use(createSessionRouter(createMemoryStore(), options)));
    const [header = ''] = setCookies(await request(url).put('/sessions/new'));
    const [, value = ''] = /=([^;]*)/.exec(header) ?? [];
    expect(decodeURIComponent(value)).toHaveLength(174);
    // The colon becomes three bytes, and so may each of the 43 of the signature, as "+" and "/" do.
    expect(value.length).toBeLessThanOrEqual(174 + 2 * (1 + 43));
  });

  it('a flood takes no more memory than max sessions', async () => {
    const { url } = await listen(express().use(createSessionRouter(createMemoryStore({ max: 3 }))));
    const ids: string[] = [];
    for (let i = 0; i < 6; i++) ids.push((await request(url).put('/sessions/new')).body.sessionId);
    const found = await Promise.all(
      ids.map(async (id) => (await request(url).get(`/sessions/${id}`)).status),
    );
    expect(found).toEqual([404, 404, 404, 200, 200, 200]);
  });
});
