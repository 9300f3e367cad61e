import { readdirSync, readFileSync } from 'node:fs';
import express, { type RequestHandler } from 'express';
import request from 'supertest';
import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import {
  attachSession,
  createMemoryStore,
  createSessionRouter,
  renewSession,
  type SessionStore,
  updateSession,
} from '../../src/index.js';
import { listen } from '../http/hosts.js';
import { cookieOf, secret, signedCookie } from '../http/signed-cookie.js';
import { proseOf, rowsBelow } from './docs-pages.js';
import { runBlock, startBlock } from './run-block.js';
import { typeErrors } from './type-errors.js';

const PAGE = 'troubleshooting.md';

beforeEach(() => void vi.stubEnv('SESSION_SECRET', secret));

const known: RequestHandler = (req, res) => void res.json({ known: req.sessionInfo !== undefined });
const put = async (url: string, path = '/sessions/new') =>
  (await request(url).put(path)).body.sessionId as string;

/** A server with the routes, open to everyone. */
const startRoutes = (...handlers: RequestHandler[]) =>
  listen(express().use(createSessionRouter(), ...handlers));

describe('the route that explains why there is no session', () => {
  it('responds as the page says', async () => {
    const { url, exports } = await startBlock<{ store: SessionStore }>(PAGE, 'why');
    await exports.store.create('live', {});
    const why = async (Cookie: string) => {
      const { status, body } = await request(url).get('/why').set({ Cookie });
      return body.error ? `${status} \`${body.error.code}\`` : `${status}`;
    };
    expect(await why('')).toBe('400 `invalid_session_id`');
    expect(await why(signedCookie('live', 'connect.sid', 'another secret'))).toBe('400 `invalid_session_id`');
    expect(await why(`${signedCookie('live')}; ${signedCookie('other')}`)).toBe('400 `ambiguous_header`');
    expect(await why(signedCookie('unknown'))).toMatch(/^404/);
    expect(await why(signedCookie('live'))).toBe('200');
    Object.assign(exports.store, { get: () => Promise.reject(new Error('down')) });
    expect(await why(signedCookie('live'))).toMatch(/^503/);
    const [section = ''] = proseOf(PAGE).split('\n## ');
    expect([...section.matchAll(/^\| (\d+)/gm)].map(([, status]) => status)).toEqual(
      '400 400 404 503 200'.split(' '),
    );
  });
});

describe('404 right after PUT', () => {
  it('comes from two stores, and not from one', async () => {
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

describe('errors of requests', () => {
  it.each([
    ['OPTIONS', '/sessions/new', {}, 405],
    ['POST', '/sessions/new', {}, 405],
    ['PUT', '/sessions/new', { 'Content-Type': 'application/x-www-form-urlencoded' }, 415],
    ['PUT', '/sessions/new', { gkc_customerId: 'a', 'gkc-customerId': 'b' }, 400],
  ])('%s %s %j is %i', async (method, path, headers, status) => {
    const { url } = await startRoutes();
    // Bytes, so that fetch adds no Content-Type of its own.
    const body = method === 'PUT' ? new TextEncoder().encode('{"visitId":"v"}') : null;
    const response = await fetch(url + path, { method, headers: headers as Record<string, string>, body });
    expect(response.status).toBe(status);
  });

  it('the body, GET and your own routes do not carry a customerId', async () => {
    const { url } = await startRoutes((req, res) => void res.json(req.sessionInfo));
    const { body } = await request(url).put('/sessions/new').send({ customerId: 'c' });
    const path = `/sessions/${body.sessionId}`;
    const headers = { gkc_customerId: 'c' };
    for (const each of [path, `/own?sessionId=${body.sessionId}`]) {
      expect((await request(url).get(each).set(headers)).body).not.toHaveProperty('customerId');
    }
    expect((await request(url).post(path).set(headers)).body).toMatchObject({ customerId: 'c' });
    expect((await request(url).post(path).set({ gkc_customerId: '' })).body).toMatchObject({
      customerId: 'c',
    });
  });
});

describe('the cookie is not set', () => {
  it('with secure: true, until the proxy says HTTPS', async () => {
    const { url } = await startBlock(PAGE, 'behind-proxy');
    const cookies = async (headers: Record<string, string>) =>
      (await request(url).get('/').set(headers)).headers['set-cookie'];
    expect(await cookies({})).toBeUndefined();
    expect(await cookies({ 'X-Forwarded-Proto': 'https' })).toEqual([expect.stringContaining('; Secure')]);
  });
});

describe('every request creates a session', () => {
  it('if the secrets of two processes differ', async () => {
    const store = createMemoryStore();
    const worker = (by: string) =>
      listen(express().use(attachSession(store, { cookie: { secret: by }, autoCreate: true }), known));
    const [first, second] = [await worker('one'), await worker('other')];
    const Cookie = cookieOf(await request(first.url).get('/'));
    expect((await request(first.url).get('/').set({ Cookie })).headers['set-cookie']).toBeUndefined();
    expect((await request(second.url).get('/').set({ Cookie })).headers['set-cookie']).toBeDefined();
  });
});

describe('errors of the functions', () => {
  it('have the messages that the page has as headings', async () => {
    const caught: string[] = [];
    const note = (error: Error) => void caught.push(error.message);
    const app = express();
    app.get('/before', async (req, res) => {
      await updateSession(req, {}).catch(note);
      res.end();
    });
    app.use(attachSession(createMemoryStore(), { cookie: { secret } }));
    app.get('/late', async (req, res) => {
      res.write('x');
      await renewSession(req, res).catch(note);
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
    const files = readdirSync(new URL('../../src/', import.meta.url), { recursive: true, encoding: 'utf8' });
    const source = files
      .filter((file) => file.endsWith('.ts'))
      .map((file) => readFileSync(new URL(`../../src/${file}`, import.meta.url), 'utf8'))
      .join('\n');
    const [, ...rows] = rowsBelow(PAGE, '## 503 store_unavailable');
    const quoted = rows.flatMap(([cell = '']) =>
      [...cell.matchAll(/`([^`]+)`/g)].map(([, text = '']) => text),
    );
    expect(quoted).toHaveLength(6);
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
  it('is an error of the app, and none if the router comes first', async () => {
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
