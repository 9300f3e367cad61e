import { randomUUID } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { setTimeout as sleep } from 'node:timers/promises';
import { RedisStore } from 'connect-redis';
import express from 'express';
import session from 'express-session';
import memorystore from 'memorystore';
import pg from 'pg';
import { createClient } from 'redis';
import request from 'supertest';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { createExpressSessionStore, type ExpressSessionBackend } from '../../src/stores/express-session.js';
import { sessionStoreCases } from '../../src/testing/index.js';
import { needs } from '../servers/needs.js';
import { startPostgres } from '../servers/postgres.js';
import { startRedis } from '../servers/redis.js';
import { START_LIMIT, temporaryFolder } from '../servers/server-process.js';
import { variants } from '../variants.js';
import { expectShorterTimeoutsToHold } from './shorter-timeouts.js';

// Neither has types.
const require = createRequire(import.meta.url);
const FileStore = require('session-file-store')(session);
const PostgresStore = require('connect-pg-simple')(session);

interface Backend {
  readonly store: session.Store;
  close?(): Promise<unknown> | unknown;
}

function inFiles(): Backend {
  const { path, remove } = temporaryFolder('session-file-store');
  return { store: new FileStore({ path, retries: 0, reapInterval: -1, logFn() {} }), close: remove };
}

async function inRedis(): Promise<Backend> {
  const server = await startRedis();
  const client = await createClient({ url: server.url }).connect();
  const close = async () => {
    await client.close();
    await server.stop();
  };
  return { store: new RedisStore({ client }), close };
}

async function inPostgres(): Promise<Backend> {
  const server = await startPostgres();
  const pool = new pg.Pool({ connectionString: server.url });
  // What the server says to the connections that it closes when it stops.
  pool.on('error', () => {});
  const close = async () => {
    await pool.end();
    await server.stop();
  };
  return {
    store: new PostgresStore({ pool, createTableIfMissing: true, pruneSessionInterval: false }),
    close,
  };
}

/** It waits for the disk with each write. */
const FILES = 'session-file-store';
const backends: [string, typeof describe | ReturnType<typeof needs>, () => Backend | Promise<Backend>][] = [
  ["express-session's MemoryStore", describe, () => ({ store: new session.MemoryStore() })],
  ['connect-redis', needs('redis-server'), inRedis],
  ['memorystore', describe, () => ({ store: new (memorystore(session))({}) })],
  [FILES, describe, inFiles],
  ['connect-pg-simple', needs('postgres'), inPostgres],
];

for (const [name, describeIt, open] of variants(backends, 2)) {
  describeIt(`createExpressSessionStore with ${name}`, () => {
    let backend: Backend;
    beforeAll(async () => {
      backend = await open();
    }, START_LIMIT);
    afterAll(() => backend?.close?.());
    const createStore = (options = {}) => createExpressSessionStore(backend.store, options);

    const cases = sessionStoreCases(createStore, name === FILES ? { pace: 60 } : {});
    for (const { name, run } of cases) it.concurrent(name, run);

    it('leaves the sessions of express-session alone, and they it', async () => {
      const app = express()
        .use(session({ secret: 's', store: backend.store, resave: false, saveUninitialized: true }))
        .get('/', (req, res) => {
          const counted = req.session as unknown as { count?: number };
          counted.count = (counted.count ?? 0) + 1;
          res.json({ id: req.sessionID, count: counted.count });
        });
      const agent = request.agent(app);
      const { id } = (await agent.get('/')).body;
      const store = createStore();
      expect(await store.get(id)).toBeUndefined();
      await store.create(id, { agentId: 'a' });
      expect((await agent.get('/')).body).toEqual({ id, count: 2 });
      await store.update(id, { visitId: 'v' });
      expect((await agent.get('/')).body).toEqual({ id, count: 3 });
      expect(await store.delete(id)).toBe(true);
      expect((await agent.get('/')).body).toEqual({ id, count: 4 });
    });

    it('keeps a record as long as the session may live', async () => {
      const long = createStore({ idleTimeout: 7 * 86_400_000, absoluteTimeout: 30 * 86_400_000 });
      const short = createStore({ idleTimeout: 1500 });
      const [longId, shortId] = [randomUUID(), randomUUID()];
      await long.create(longId, {});
      await short.create(shortId, {});
      await sleep(1200);
      expect(await short.get(shortId)).toMatchObject({ sessionId: shortId });
      expect(await long.get(longId)).toMatchObject({ sessionId: longId });
    });
  });
}

/** An underlying store that keeps records by reference and for ever, with some of its behaviour replaced. */
function fakeBackend(behaviour: Partial<ExpressSessionBackend> = {}) {
  const records = new Map<string, object>();
  const calls: string[] = [];
  const backend: ExpressSessionBackend = {
    get(id, callback) {
      calls.push(`get ${id}`);
      setImmediate(callback, null, records.get(id));
    },
    set(id, record, callback) {
      calls.push(`set ${id}`);
      records.set(id, record);
      setImmediate(callback);
    },
    destroy(id, callback) {
      calls.push(`destroy ${id}`);
      records.delete(id);
      setImmediate(callback);
    },
    ...behaviour,
  };
  return { backend, records, calls };
}

describe('createExpressSessionStore', () => {
  const { backend: bridged } = fakeBackend();

  it('tells the underlying store when it may remove a record', async () => {
    const { backend, records } = fakeBackend();
    const before = Date.now();
    await createExpressSessionStore(backend, { idleTimeout: 5000 }).create('id', { agentId: 'a' });
    const { cookie } = records.get('info.id') as { cookie: { expires: Date } };
    expect(cookie).toEqual({ originalMaxAge: 5000, maxAge: 5000, expires: expect.any(Date) });
    expect(cookie.expires.getTime() - before).toBeGreaterThanOrEqual(5000);
    expect(cookie.expires.getTime() - Date.now()).toBeLessThanOrEqual(5000);
  });

  it('looks at a session without a write, however old its deadline', async () => {
    const { backend, calls } = fakeBackend();
    const store = createExpressSessionStore(backend, { idleTimeout: 2000 });
    const created = await store.create('id', {});
    await sleep(150);
    expect(await store.peek('id')).toEqual(created);
    expect(calls.slice(2)).toEqual(['get info.id']);
  });

  it('looks at a session after the calls before it', async () => {
    const { backend } = fakeBackend();
    const store = createExpressSessionStore(backend);
    void store.create('id', {});
    void store.update('id', { agentId: 'a' });
    expect(await store.peek('id')).toMatchObject({ agentId: 'a' });
  });

  it('stores nothing that a polluted Object.prototype adds', async () => {
    const { backend, records } = fakeBackend();
    const store = createExpressSessionStore(backend);
    Object.defineProperty(Object.prototype, 'agentId', { value: 'polluted', configurable: true });
    onTestFinished(() => void Reflect.deleteProperty(Object.prototype, 'agentId'));
    await store.create('id', {});
    await store.update('id', { visitId: 'v' });
    expect(Object.keys((await store.get('id')) ?? {})).not.toContain('agentId');
    expect(JSON.stringify(records.get('info.id'))).not.toContain('polluted');
  });

  it('reads without a write before 5 % of the idle timeout', async () => {
    const { backend, calls } = fakeBackend();
    const store = createExpressSessionStore(backend, { idleTimeout: 2000 });
    await store.create('id', {});
    await store.get('id');
    expect(calls).toEqual(['get info.id', 'set info.id', 'get info.id']);
    await sleep(150);
    await store.get('id');
    expect(calls.slice(3)).toEqual(['get info.id', 'set info.id']);
  });

  it('holds a session to timeouts that are shorter than those it was created under', () =>
    expectShorterTimeoutsToHold((timeouts) => createExpressSessionStore(bridged, timeouts)));

  it('relies on its own clock if the underlying store keeps a record too long', async () => {
    const { backend, calls, records } = fakeBackend();
    const store = createExpressSessionStore(backend, { idleTimeout: 20 });
    await store.create('id', { agentId: 'a' });
    await sleep(40);
    expect(await store.get('id')).toBeUndefined();
    expect(await store.update('id', { agentId: 'b' })).toBeUndefined();
    expect(await store.delete('id')).toBe(false);
    expect(calls.at(-1)).toBe('destroy info.id');
    expect(records.size).toBe(0);
  });

  it('makes the calls for one ID wait for each other, across all bridges to the same store', async () => {
    const { backend } = fakeBackend();
    const bridges = Array.from({ length: 40 }, () => createExpressSessionStore(backend));
    const created = await Promise.all(bridges.map((store) => store.create('id', {})));
    expect(created.filter(Boolean)).toHaveLength(1);
    const names = ['agentId', 'customerId', 'visitId', 'globalVisitId'];
    await Promise.all(bridges.map((store, i) => store.update('id', { [names[i % 4] ?? '']: 'set' })));
    expect(await bridges[0]?.get('id')).toMatchObject(Object.fromEntries(names.map((name) => [name, 'set'])));
    const deleted = await Promise.all(bridges.map((store) => store.delete('id')));
    expect(deleted.filter(Boolean)).toHaveLength(1);
  });

  it('goes on with the next call for an ID after one has failed', async () => {
    const { backend } = fakeBackend();
    const store = createExpressSessionStore(backend);
    const set = backend.set;
    backend.set = (_id, _record, callback) => setImmediate(callback, new Error('disk full'));
    const failed = expect(store.create('id', {})).rejects.toThrow('disk full');
    const next = store.get('id');
    await failed;
    expect(await next).toBeUndefined();
    backend.set = set;
    expect(await store.create('id', {})).toMatchObject({ sessionId: 'id' });
  });

  it('holds up no other ID if the underlying store does not respond', async () => {
    const { backend } = fakeBackend();
    const get = backend.get;
    backend.get = (id, callback) => (id === 'info.hung' ? undefined : get(id, callback));
    const store = createExpressSessionStore(backend);
    void store.get('hung');
    expect(await store.create('other', {})).toMatchObject({ sessionId: 'other' });
  });

  it.each<[string, Partial<ExpressSessionBackend>]>([
    ['gives an error', { get: (_, callback) => callback(new Error('broken')) }],
    [
      'throws',
      {
        get: () => {
          throw new Error('broken');
        },
      },
    ],
    [
      'rejects',
      {
        get: async () => {
          throw new Error('broken');
        },
      },
    ],
  ])('rejects if the underlying store %s', async (_, behaviour) => {
    const store = createExpressSessionStore(fakeBackend(behaviour).backend);
    for (const call of [
      store.get('id'),
      store.create('id', {}),
      store.update('id', {}),
      store.delete('id'),
    ]) {
      await expect(call).rejects.toThrow('broken');
    }
  });

  it('rejects a record that is not its own', async () => {
    const { backend, records } = fakeBackend();
    records.set('info.id', { cookie: {}, user: 'somebody' });
    const store = createExpressSessionStore(backend);
    await expect(store.get('id')).rejects.toThrow('set another "prefix"');
    await expect(store.create('id', {})).rejects.toThrow('set another "prefix"');
    expect(records.size).toBe(1);
  });

  it('rejects the record of another session, from an underlying store that ignores letter case', async () => {
    const { backend, records } = fakeBackend();
    const store = createExpressSessionStore({
      ...backend,
      get: (id, callback) => backend.get(id.toLowerCase(), callback),
      set: (id, record, callback) => backend.set(id.toLowerCase(), record, callback),
    });
    await store.create('Alice', { customerId: 'hers' });
    expect(await store.get('Alice')).toMatchObject({ customerId: 'hers' });
    for (const call of [
      store.get('alice'),
      store.update('aLICE', {}),
      store.create('ALICE', {}),
      store.delete('alice'),
    ]) {
      await expect(call).rejects.toThrow('other data under the ID');
    }
    expect(records.size).toBe(1);
  });

  it('treats a missing file as no session', async () => {
    const { store, close } = inFiles();
    expect(await createExpressSessionStore(store).get('nobody')).toBeUndefined();
    close?.();
  });

  it('does not treat a server that is down as no session', async () => {
    const refused = { code: 'ENOENT', syscall: 'connect', address: '/run/database.sock' };
    for (const error of [Object.assign(new Error('connect ENOENT'), refused), { code: 'EACCES' }]) {
      const { backend, calls } = fakeBackend({ get: (_, callback) => callback(error) });
      const store = createExpressSessionStore(backend);
      await expect(store.get('id')).rejects.toBe(error);
      await expect(store.create('id', {})).rejects.toBe(error);
      await expect(store.delete('id')).rejects.toBe(error);
      expect(calls).toEqual([]);
    }
  });

  it('rejects a record that is that of another ID under another prefix', async () => {
    const { backend, records } = fakeBackend();
    const short = createExpressSessionStore(backend, { prefix: 's' });
    const long = createExpressSessionStore(backend, { prefix: 's1' });
    await long.create('id', {});
    await expect(short.update('1id', { agentId: 'a' })).rejects.toThrow('set another "prefix"');
    await long.update('id', { visitId: 'v' });
    expect(records.get('s1id')).toMatchObject({ sessionInfo: { sessionId: 'id', visitId: 'v' } });
  });

  it('names files as every file system can', async () => {
    const { path, remove } = temporaryFolder('session-file-store');
    const store = new FileStore({ path, retries: 0, reapInterval: -1, logFn() {} });
    await createExpressSessionStore(store).create('A-z0.9_~', {});
    expect(readdirSync(path)).toEqual(['info.A-z0.9_~.json']);
    remove();
  });

  const { backend } = fakeBackend();
  it.each([
    [undefined, {}, 'createExpressSessionStore: store must be a store made for express-session'],
    [{ get() {}, set() {} }, {}, 'with get, set and destroy; pass one such as new RedisStore({ client })'],
    [
      backend,
      { prefix: '' },
      'createExpressSessionStore: option "prefix" must be 1 to 64 of A-Z a-z 0-9 - . _ ~ :',
    ],
    [backend, { prefix: '../' }, 'createExpressSessionStore: option "prefix" must be'],
    [
      backend,
      { max: 1 },
      'createExpressSessionStore: unknown option "max"; use idleTimeout, absoluteTimeout, prefix',
    ],
    [backend, { idleTimeout: -1 }, 'createExpressSessionStore: option "idleTimeout" must be a whole number'],
  ])('throws for a wrong argument, with the fix: %j %j', (store, options, message) => {
    expect(() => createExpressSessionStore(store as never, options as never)).toThrow(message);
  });
});
