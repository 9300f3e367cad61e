import express from 'express';
import request from 'supertest';
import { describe, expect, it } from 'vitest';
import {
  attachSession,
  createMemoryStore,
  createSessionRouter,
  InvalidAssociationError,
  renewSession,
  type SessionStore,
  StoreUnavailableError,
} from '../../src/index.js';
import { listen } from '../http/hosts.js';
import { runBlock, startBlock } from './run-block.js';

const PAGE = 'middleware.md';

const start = (name: string, loaded?: Map<string, object>) => startBlock(PAGE, name, {}, loaded);
const put = async (url: string, path = '/sessions/new') =>
  (await request(url).put(path).set('gkc_customerId', 'c')).body.sessionId as string;
const cookieOf = (answer: request.Response) =>
  [answer.headers['set-cookie'] ?? []].flat()[0]?.split(';')[0] ?? '';

describe('the middleware as the page shows it', () => {
  it('attaches to what is mounted after it', async () => {
    const { url } = await start('order');
    const id = await put(url);
    expect((await request(url).get(`/before?sessionId=${id}`)).body).toEqual({ sessionInfo: null });
    expect((await request(url).get(`/after?sessionId=${id}`)).body.sessionInfo).toMatchObject({
      sessionId: id,
    });
  });

  it('attaches below its path only, and attachSession for the rest', async () => {
    const { url } = await start('below-a-path');
    const gkc_sessionId = await put(url, '/api/v1/sessions/new');
    const get = async (path: string) => (await request(url).get(path).set({ gkc_sessionId })).body.customerId;
    expect(await get('/api/v1/orders')).toBe('c');
    expect(await get('/without')).toBeUndefined();
    expect(await get('/with')).toBe('c');
  });

  it('finds the ID by the first source that gives anything', async () => {
    const store = createMemoryStore();
    const app = express().use(createSessionRouter(store, { cookie: { secret: 's' } }));
    app.get('/', (req, res) => void res.json({ is: req.sessionInfo?.sessionId ?? 'none' }));
    const { url } = await listen(app);
    const created = await request(url).put('/sessions/new');
    await store.create('other', {});
    const Cookie = cookieOf(created);
    const mine = created.body.sessionId;
    const get = async (path: string, headers: Record<string, string | string[]>) =>
      (
        await request(url)
          .get(path)
          .set(headers as Record<string, string>)
      ).body.is;
    expect(await get('/', { gkc_sessionId: 'other', Cookie })).toBe('other');
    expect(await get('/', { gkc_sessionId: 'unknown', Cookie })).toBe('none');
    expect(await get('/', { gkc_sessionId: 'other', 'gkc-sessionId': mine, Cookie })).toBe('none');
    expect(await get('/?sessionId=other', { Cookie: `${Cookie}x` })).toBe('other');
    expect(await get('/?sessionId=other', { gkc_sessionId: '' })).toBe('other');
  });

  it('or asks a function', async () => {
    const { url } = await start('sources');
    expect((await request(url).get('/desk/visit-42')).body).toEqual({ customerId: 'customer-42' });
    expect((await request(url).get('/desk/none')).body).toEqual({});
  });

  it('answers for the host with required', async () => {
    const { url } = await start('required');
    const error = async (path: string) => (await request(url).get(path)).body.error;
    expect(await error('/orders')).toEqual({
      code: 'invalid_session_id',
      message: 'A session ID is required',
    });
    expect(await error('/orders?sessionId=a%20b')).toMatchObject({ code: 'invalid_session_id' });
    expect(await error('/orders?sessionId=a&sessionId=b')).toMatchObject({ code: 'invalid_session_id' });
    expect(await error('/orders?sessionId=unknown')).toMatchObject({ code: 'session_not_found' });
    const { body } = await request(url).get('/orders?sessionId=visit-42');
    expect(body).toEqual({ customerId: 'customer-42' });
  });

  it('stacks: one store, one question', async () => {
    const shared = new Map<string, object>();
    const { store, app } = runBlock<{ store: SessionStore; app: express.Express }>(
      PAGE,
      'stacked',
      {},
      shared,
    );
    let calls = 0;
    const { get } = store;
    Object.assign(store, {
      get(id: string) {
        calls++;
        return get(id);
      },
    });
    const { url } = await listen(app);
    const created = await request(url).put('/sessions/new').set('gkc_customerId', 'c');
    const Cookie = cookieOf(created);
    expect((await request(url).get('/catalogue').set({ Cookie })).body).toEqual({ customerId: 'c' });
    calls = 0;
    expect((await request(url).get('/orders').set({ Cookie })).body).toEqual({ customerId: 'c' });
    expect(calls).toBe(1);
    expect((await request(url).get('/orders')).status).toBe(400);
  });

  it('stacks: one that looks elsewhere sees nothing of the cookie', async () => {
    const store = createMemoryStore();
    const app = express();
    app.use(createSessionRouter(store, { cookie: { secret: 's' } }));
    app.use(attachSession(store, { sources: ['header', 'query'] }));
    app.get('/', (req, res) => void res.json({ is: req.sessionInfo ?? null }));
    const { url } = await listen(app);
    const Cookie = cookieOf(await request(url).put('/sessions/new'));
    expect((await request(url).get('/').set({ Cookie })).body).toEqual({ is: null });
  });

  it('when the store fails, does what onStoreError says', async () => {
    const { url } = await start('store-down');
    expect((await request(url).get('/catalogue?sessionId=a')).body).toEqual({ known: false });
    const failed = await request(url).get('/orders?sessionId=a');
    expect(failed).toMatchObject({ status: 503, headers: { 'retry-after': '1' } });
    expect(failed.body).toEqual({ message: 'Please try again in a moment' });
    expect((await request(url).get('/orders')).body).toEqual({ orders: [] });
  });
});

describe('autoCreate', () => {
  it('never takes the ID that a request named, and leaves the cookie alone when the store fails', async () => {
    let isDown = false;
    const memory = createMemoryStore();
    const get: SessionStore['get'] = (id) => (isDown ? Promise.reject(new Error('down')) : memory.get(id));
    const options = { cookie: { secret: 's' }, autoCreate: true, onStoreError: 'continue' } as const;
    const app = express().use(createSessionRouter({ ...memory, get }, options));
    app.get('/', (req, res) => void res.json({ is: req.sessionInfo?.sessionId ?? null }));
    const { url } = await listen(app);
    const first = await request(url).get('/?sessionId=chosen');
    expect(first.body.is).toMatch(/^[0-9a-f-]{36}$/);
    const Cookie = cookieOf(first);
    isDown = true;
    const during = await request(url).get('/').set({ Cookie });
    expect(during.body).toEqual({ is: null });
    expect(during.headers['set-cookie']).toBeUndefined();
    isDown = false;
    expect((await request(url).get('/').set({ Cookie })).body).toEqual(first.body);
  });
});

describe('host code as the page shows it', () => {
  it('updates, renews and ends', async () => {
    const { url } = await start('host-code');
    const agent = request.agent(url);
    expect((await agent.post('/visit/v1')).body).toEqual({ visitId: 'v1' });
    expect((await agent.post('/login/c1')).body).toEqual({ customerId: 'c1' });
    expect((await agent.post('/visit/v2')).body).toEqual({ visitId: 'v2' });
    expect((await agent.post('/logout')).body).toEqual({ ended: true });
  });

  it('of several logins at the same time one wins', async () => {
    const { url } = await start('host-code');
    const Cookie = cookieOf(await request(url).post('/visit/v1'));
    const answers = await Promise.all(
      [1, 2, 3].map((n) => request(url).post(`/login/c${n}`).set({ Cookie })),
    );
    const [won, ...others] = answers.map(({ status }) => status).sort();
    expect(won).toBe(200);
    // A later one finds that the old ID is dead, and so begins with a session of its own.
    for (const status of others) expect([200, 409]).toContain(status);
  });

  it('rejects as the table says, and leaves all as it was', async () => {
    const memory = createMemoryStore();
    const info = await memory.create('live', {});
    const caught: unknown[] = [];
    const app = express();
    const at = (path: string, store: SessionStore, options: object, associations: object) =>
      app.get(path, attachSession(store, options), async (req, res) => {
        await renewSession(req, res, associations).catch((error) => caught.push(error));
        res.json({ sessionInfo: req.sessionInfo });
      });
    at('/value', memory, {}, { customerId: 7 });
    at('/taken', memory, { generateId: () => 'live' }, {});
    at('/invalid', memory, { generateId: () => 'new' }, {});
    at('/down', { ...memory, delete: () => Promise.reject(new Error('down')) }, {}, {});
    const { url } = await listen(app);
    for (const path of ['/value', '/taken', '/invalid', '/down']) {
      expect((await request(url).get(`${path}?sessionId=live`)).body).toEqual({ sessionInfo: info });
    }
    expect(caught[0]).toBeInstanceOf(InvalidAssociationError);
    expect(String(caught[1])).toMatch(/^Error: option "generateId" gave the ID of a live session/);
    expect(caught[2]).toBeInstanceOf(TypeError);
    expect(caught[3]).toBeInstanceOf(StoreUnavailableError);
    expect(memory.get('live')).toEqual(info);
  });

  it('replaces the frozen object', async () => {
    const { url } = await start('frozen');
    const { body } = await request(url).get('/?sessionId=visit-42');
    expect(body).toEqual({ before: null, after: 'customer-42' });
  });

  it('has types that need no cast', () => {
    const { sessionOf, fromForm } = runBlock<{
      sessionOf(req: object): unknown;
      fromForm(form: object): object;
    }>(PAGE, 'types');
    expect(() => sessionOf({})).toThrow('required: true');
    expect(sessionOf({ sessionInfo: 'it' })).toBe('it');
    expect(fromForm({ visit: null })).toEqual({ visitId: null });
  });

  it('runs on node:http', async () => {
    const { url } = await start('node-http');
    const id = await put(url);
    const { text } = await request(url).get(`/?sessionId=${id}`);
    expect(JSON.parse(text)).toEqual({ customerId: 'c' });
  });
});
