import { createRequire } from 'node:module';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { sign } from 'cookie-signature';
import express from 'express';
import request from 'supertest';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { attachSession, createMemoryStore, createSessionRouter, requireSession } from '../../src/index.js';
import { listen } from '../http/hosts.js';
import { startBlock } from './run-block.js';

const PAGE = 'security.md';

const setCookie = (answer: request.Response): string => [answer.headers['set-cookie'] ?? []].flat()[0] ?? '';

describe('the code of docs/security.md', () => {
  it('makes IDs of 256 bits', async () => {
    const { url } = await startBlock(PAGE, 'random-ids');
    const ids = await Promise.all(
      [1, 2, 3].map(async () => (await request(url).put('/sessions/new')).body.sessionId),
    );
    for (const id of ids) expect(Buffer.from(id, 'base64url')).toHaveLength(32);
    expect(new Set(ids).size).toBe(3);
  });

  it('lets services only call the routes, and gives visitors the cookie alone', async () => {
    vi.stubEnv('SERVICE_KEY', 'k3y');
    onTestFinished(() => void vi.unstubAllEnvs());
    const { url } = await startBlock(PAGE, 'services-only');
    for (const authorization of ['', 'Bearer', 'Bearer ', 'Bearer wrong', 'k3y']) {
      expect((await request(url).put('/sessions/new').set({ authorization })).status).toBe(403);
    }
    const authorization = 'Bearer k3y';
    const { body, status } = await request(url)
      .put('/sessions/new')
      .set({ authorization, gkc_customerId: 'c' });
    expect(status).toBe(201);
    expect((await request(url).post('/sessions/chosen').set({ authorization })).status).toBe(404);
    const visitor = await request(url)
      .get(`/?sessionId=${body.sessionId}`)
      .set('gkc_sessionId', body.sessionId);
    expect(visitor.body).toEqual({});
    expect(setCookie(visitor)).toMatch(/^connect\.sid=s%3A.*; HttpOnly$/);
    vi.stubEnv('SERVICE_KEY', '');
    expect((await request(url).put('/sessions/new').set({ authorization: 'Bearer ' })).status).toBe(403);
  });

  it('sets a cookie that no other host can plant', async () => {
    const { url } = await startBlock(PAGE, 'strict-cookie');
    const secure = await request(url).get('/').set('X-Forwarded-Proto', 'https');
    expect(setCookie(secure)).toMatch(/^__Host-session=s%3A[^;]+; Path=\/; HttpOnly; Secure; SameSite=Lax$/);
    expect(setCookie(await request(url).get('/'))).toBe('');
  });

  it('refuses what comes from other sites', async () => {
    const { url } = await startBlock(PAGE, 'same-site');
    const post = async (site?: string) =>
      (
        await request(url)
          .post('/sessions/known')
          .set(site ? { 'Sec-Fetch-Site': site } : {})
      ).status;
    expect(await post('cross-site')).toBe(403);
    expect(await post('same-site')).toBe(403);
    expect(await post('same-origin')).toBe(201);
    expect(await post()).toBe(200);
  });

  it('gives up on clients that send slowly', async () => {
    const replace = {
      '10_000,\n    req': '150,\n    req',
      '30_000': '300',
      'Interval: 5_000': 'Interval: 50',
    };
    const { url, port, server } = await startBlock(PAGE, 'server', { replace });
    expect(server).toMatchObject({
      maxConnections: 10_000,
      maxRequestsPerSocket: 1_000,
      keepAliveTimeout: 5_000,
    });
    const [headers, body] = await Promise.all([
      sendSlowly(port, 'PUT /sessions/new HTTP/1.1\r\nHost: a\r\nX-'),
      sendSlowly(
        port,
        'PUT /sessions/new HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 20\r\n\r\n{"visi',
      ),
    ]);
    expect(headers).toMatch(/^HTTP\/1\.1 408 /);
    expect(body).toMatch(/^HTTP\/1\.1 408 /);
    expect((await request(url).put('/sessions/new')).status).toBe(201);
  });

  it('names the defaults of Node', async () => {
    const { server } = await listen(() => {});
    const { maxHeaderSize } = await import('node:http');
    expect(server).toMatchObject({
      headersTimeout: 60_000,
      requestTimeout: 300_000,
      keepAliveTimeout: 5_000,
    });
    expect(server).toMatchObject({ maxRequestsPerSocket: 0 });
    expect(maxHeaderSize).toBe(16_384);
  });
});

describe('what docs/security.md says of the package', () => {
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
    for (const secret of ['right', 'wrong']) {
      const cookie = `connect.sid=${encodeURIComponent(`s:${sign('s', secret)}`)}`;
      expect((await request(url).get('/').set({ cookie })).body).toEqual({ known: secret === 'right' });
    }
    expect(compare).toHaveBeenCalledTimes(2);
  });

  it('the value of the cookie has at most 262 bytes', async () => {
    const options = { cookie: { secret: 's' }, generateId: () => 'x'.repeat(128) };
    const { url } = await listen(express().use(createSessionRouter(createMemoryStore(), options)));
    const [, value = ''] = /=([^;]*)/.exec(setCookie(await request(url).put('/sessions/new'))) ?? [];
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

/** Sends the beginning of a request and waits; gives what the server said before it closed. */
function sendSlowly(port: number, beginning: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(beginning));
    let answer = '';
    socket.setTimeout(10_000, () => reject(new Error('the server waited for more than 10 s')));
    socket.setEncoding('latin1').on('data', (text) => {
      answer += text;
    });
    socket.on('error', () => resolve(answer));
    socket.on('close', () => {
      socket.setTimeout(0);
      resolve(answer);
    });
  });
}
