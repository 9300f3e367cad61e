import { readFileSync } from 'node:fs';
import express, { type RequestHandler } from 'express';
import request from 'supertest';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import {
  attachSession,
  createMemoryStore,
  createSessionRouter,
  endSession,
  type SessionStore,
  updateSession,
} from '../../src/index.js';
import { listen } from '../http/hosts.js';
import { proseOf, rowsBelow } from './docs-pages.js';
import { runBlock, startBlock } from './run-block.js';
import { typeErrors } from './type-errors.js';

const PAGE = 'troubleshooting.md';

const known: RequestHandler = (req, res) => void res.json({ known: req.sessionInfo !== undefined });
const put = async (url: string, path = '/sessions/new') =>
  (await request(url).put(path)).body.sessionId as string;

describe('req.sessionInfo is always undefined', () => {
  it('is explained by the route of the page', async () => {
    const { url } = await startBlock(PAGE, 'why');
    expect((await request(url).get('/why')).status).toBe(400);
    expect((await request(url).get('/why?sessionId=unknown')).status).toBe(404);
    const agent = request.agent(url);
    await agent.put('/sessions/new');
    expect((await agent.get('/why')).status).toBe(200);
  });
});

describe('404 right after PUT', () => {
  it('comes of two stores, and not of one', async () => {
    const two = await listen(express().use('/a', createSessionRouter()).use('/b', createSessionRouter()));
    const lost = await put(two.url, '/a/sessions/new');
    expect((await request(two.url).get(`/b/sessions/${lost}`)).status).toBe(404);

    const { url } = await startBlock(PAGE, 'one-store');
    const id = await put(url, '/api/v1/sessions/new');
    expect((await request(url).get(`/api/v2/sessions/${id}`)).status).toBe(200);
    expect((await request(url).get(`/?sessionId=${id}`)).body).toEqual({ known: true });
    expect((await request(url).get(`/?sessionId=${id.toUpperCase()}`)).body).toEqual({ known: false });
  });
});

describe('wrong requests', () => {
  it.each([
    ['OPTIONS', '/sessions/new', {}, 405],
    ['POST', '/sessions/new', {}, 405],
    ['PUT', '/sessions/new', { 'Content-Type': 'application/x-www-form-urlencoded' }, 415],
    ['PUT', '/sessions/new', {}, 201],
    ['PUT', '/sessions/new', { gkc_customerId: 'a', 'gkc-customerId': 'b' }, 400],
  ])('%s %s %j is %i', async (method, path, headers, status) => {
    const { url } = await listen(express().use(createSessionRouter()));
    // Bytes, so that fetch adds no Content-Type of its own.
    const body = method === 'PUT' ? new TextEncoder().encode('{"visitId":"v"}') : null;
    expect(
      (await fetch(url + path, { method, headers: headers as Record<string, string>, body })).status,
    ).toBe(status);
  });

  it('the same with gkc_sessionId on a host route is no error', async () => {
    const { url } = await listen(express().use(createSessionRouter(), known));
    const answer = await request(url).get('/').set({ gkc_sessionId: 'a', 'gkc-sessionId': 'b' });
    expect(answer).toMatchObject({ status: 200, body: { known: false } });
  });
});

describe('the cookie is not set', () => {
  it('with secure: true, until the proxy says HTTPS', async () => {
    const { url } = await startBlock(PAGE, 'behind-proxy');
    const cookies = async (headers: Record<string, string>) =>
      (await request(url).put('/sessions/new').set(headers)).headers['set-cookie'];
    expect(await cookies({})).toBeUndefined();
    expect(await cookies({ 'X-Forwarded-Proto': 'https' })).toEqual([expect.stringContaining('; Secure')]);
  });
});

describe('every request makes a new session', () => {
  it('when the secrets of two processes differ', async () => {
    const store = createMemoryStore();
    const worker = (secret: string) =>
      listen(express().use(createSessionRouter(store, { cookie: { secret }, autoCreate: true }), known));
    const [first, second] = [await worker('one'), await worker('other')];
    const answer = await request(first.url).get('/');
    const Cookie = ([answer.headers['set-cookie']].flat()[0] ?? '').split(';')[0] ?? '';
    expect((await request(first.url).get('/').set({ Cookie })).headers['set-cookie']).toBeUndefined();
    expect((await request(second.url).get('/').set({ Cookie })).headers['set-cookie']).toBeDefined();
  });
});

describe('errors of host code', () => {
  it('have the messages that the page has as headings', async () => {
    const caught: string[] = [];
    const app = express();
    app.get('/before', async (req, res) => {
      await updateSession(req, {}).catch((error) => caught.push(error.message));
      res.end();
    });
    app.use(attachSession(createMemoryStore(), { cookie: { secret: 's' } }));
    app.get('/late', async (req, res) => {
      res.write('x');
      await endSession(req, res).catch((error) => caught.push(error.message));
      res.end();
    });
    const { url } = await listen(app);
    await request(url).get('/before');
    await request(url).get('/late');
    const headings = [...proseOf(PAGE).matchAll(/^## (.*)$/gm)].map(([, text = '']) => text.toLowerCase());
    for (const message of [
      'this request did not pass the middleware',
      'call it before the response begins',
    ]) {
      expect(headings).toContain(message);
      expect(caught.join('\n')).toContain(message);
    }
  });
});

describe('503', () => {
  it('is explained by the listener of the page', async () => {
    const print = vi.spyOn(console, 'error').mockImplementation(() => {});
    onTestFinished(() => print.mockRestore());
    runBlock(PAGE, 'store-failed');
    const cause = new Error('connection refused');
    const store: SessionStore = { ...createMemoryStore(), get: () => Promise.reject(cause) };
    const { url } = await listen(express().use(createSessionRouter(store)));
    await request(url).get('/sessions/a').expect(503);
    expect(print.mock.calls).toEqual([['session store failed:', cause]]);
  });

  it('has the causes that the source has', () => {
    const files = ['session-store-guard', 'session-info', 'http/update-or-create', 'http/new-session'];
    const source = files
      .map((file) => readFileSync(new URL(`../../src/${file}.ts`, import.meta.url), 'utf8'))
      .join('\n');
    const [, ...quoted] = rowsBelow(PAGE, '## 503 store_unavailable').map(
      ([cell = '']) => cell.split('`')[1] ?? '',
    );
    expect(quoted).toHaveLength(5);
    for (const message of quoted)
      for (const part of message.split('…')) expect(source).toContain(part.trim());
  });
});

describe('TypeScript', () => {
  it('knows req.sessionInfo once the package is imported', () => {
    const text =
      "import type { Request } from 'express';\nexport const show = (req: Request) => req.sessionInfo;\n";
    const without = typeErrors([{ page: 'without', name: 'show', text }]);
    expect(without).toEqual([
      expect.stringContaining("Property 'sessionInfo' does not exist on type 'Request<"),
    ]);
    const index = { page: 'with', name: 'index', text: "import type {} from 'express-session-info';\n" };
    expect(typeErrors([{ page: 'with', name: 'show', text }, index])).toEqual([]);
  });
});

describe('the body was read before', () => {
  it('is an error of the host, and none when the router comes first', async () => {
    const print = vi.spyOn(console, 'log').mockImplementation(() => {});
    onTestFinished(() => print.mockRestore());
    const app = express();
    app.use(async (req, _res, next) => {
      for await (const _ of req);
      next();
    });
    app.use(createSessionRouter());
    app.use(
      (error: Error, _req: unknown, res: express.Response, _next: unknown) => void res.json(error.message),
    );
    const wrong = await listen(app);
    const { body } = await request(wrong.url).put('/sessions/new').send({ visitId: 'v' });
    expect(body).toMatch(/^The body of the request was read before the session router/);

    const { url } = await startBlock(PAGE, 'body-first');
    expect((await request(url).put('/sessions/new').send({ visitId: 'v' })).body).toMatchObject({
      visitId: 'v',
    });
    await request(url).post('/upload').send('12345');
    expect(print).toHaveBeenCalledWith('POST /upload: 5 bytes');
  });
});

describe('a customerId that was sent is not there', () => {
  it('because the body, GET and host routes do not carry it', async () => {
    const { url } = await listen(
      express().use(createSessionRouter(), (req, res) => void res.json(req.sessionInfo)),
    );
    const { body } = await request(url).put('/sessions/new').send({ customerId: 'c' });
    const path = `/sessions/${body.sessionId}`;
    const headers = { gkc_customerId: 'c' };
    for (const each of [path, `/host?sessionId=${body.sessionId}`]) {
      expect((await request(url).get(each).set(headers)).body).not.toHaveProperty('customerId');
    }
    expect((await request(url).post(path).set(headers)).body).toMatchObject({ customerId: 'c' });
  });
});
