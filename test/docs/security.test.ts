import { beforeEach, describe, expect, it, vi } from 'vitest';
import { cookieOf } from '../http/signed-cookie.js';
import { attackVisitors } from './attack-visitors.js';
import { startBlock } from './run-block.js';

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

  it('lets only services call the routes, and only the server choose IDs', async () => {
    const { url, send } = await start();
    for (const authorization of ['', 'Bearer', 'Bearer ', 'Bearer wrong', 'a key of this test']) {
      expect((await send('PUT /api/sessions/new', { authorization })).status).toBe(403);
    }
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
    await expect(startBlock(PAGE, 'visitors-and-services')).rejects.toThrow('Set SESSION_SECRET and SERVICE_KEY');
  });
});

it('IDs may have 256 bits', async () => {
  const { url } = await startBlock(PAGE, 'random-ids');
  const ids = await Promise.all(
    [1, 2, 3].map(async () => {
      const [cookie = ''] = (await fetch(url)).headers.getSetCookie();
      return /=s:([^.]+)\./.exec(decodeURIComponent(cookie))?.[1] ?? '';
    }),
  );
  for (const id of ids) expect(Buffer.from(id, 'base64url')).toHaveLength(32);
  expect(new Set(ids).size).toBe(3);
});
