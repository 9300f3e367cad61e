import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { promisify } from 'node:util';
import express from 'express';
import { describe, expect, it, vi } from 'vitest';
import {
  type AttachSessionOptions,
  attachSession,
  createMemoryStore,
  createSessionRouter,
  requireSession,
  type SessionStore,
} from '../../src/index.js';
import { expectError } from './expect-answer.js';
import { listen, showSession } from './hosts.js';
import { failingStore } from './observed-store.js';
import { request } from './request.js';
import { secret, signedCookie } from './signed-cookie.js';

const sessionOf = ({ text }: { text: string }) => JSON.parse(text).sessionInfo;

/** A store whose reads wait until they are released, for the 504 of an app that does not wait. */
function slowStore() {
  const released: (() => void)[] = [];
  const memory = createMemoryStore();
  const store: SessionStore = {
    ...memory,
    get: (sessionId) =>
      new Promise((resolve, reject) => {
        released.push(() =>
          sessionId === 'fails' ? reject(new Error('late')) : resolve(memory.get(sessionId)),
        );
      }),
  };
  return { store, release: () => released.shift()?.() };
}

describe('attachSession', () => {
  it('attaches on one route alone', async () => {
    const store = createMemoryStore();
    await store.create('live', {});
    const app = express().get('/attached', attachSession(store), showSession).get('/other', showSession);
    expect(sessionOf(await request(app).get('/attached?sessionId=live'))).toMatchObject({
      sessionId: 'live',
    });
    expect(sessionOf(await request(app).get('/attached'))).toBeNull();
    expect(sessionOf(await request(app).get('/other?sessionId=live'))).toBeNull();
  });

  it('calls next before it returns, if the store returns a value', async () => {
    const store = createMemoryStore();
    await store.create('live', {});
    const next = vi.fn();
    const attach = attachSession(store, { cookie: { secret } });
    attach({ url: '/', headers: { cookie: signedCookie('live') } } as never, {} as never, next);
    expect(next.mock.calls).toEqual([[]]);
  });

  it('calls next once, also if your code throws in it', async () => {
    const next = vi.fn(() => {
      throw new Error('a bug of the app');
    });
    const attach = attachSession(createMemoryStore());
    expect(() => attach({ url: '/', headers: {} } as never, {} as never, next)).toThrow('a bug of the app');
    expect(next).toHaveBeenCalledTimes(1);
  });

  it('attaches on an upgrade request, where the response is an empty object', async () => {
    const store = createMemoryStore();
    await store.create('live', {});
    const attach = attachSession(store, { cookie: { secret }, autoCreate: true });
    for (const [cookie, sessionId] of [
      [signedCookie('live'), 'live'],
      [signedCookie('unknown'), undefined],
      ['', undefined],
    ]) {
      const req = { url: '/', method: 'GET', headers: { cookie } } as never as express.Request;
      await new Promise<unknown>((next) => attach(req, {} as never, next));
      expect(req.sessionInfo?.sessionId).toBe(sessionId);
    }
  });

  it.each(['live', 'fails'])(
    'never calls next with an error once you have responded: %s',
    async (sessionId) => {
      const { store, release } = slowStore();
      const next = vi.fn();
      const attach = attachSession(store);
      const { url } = await listen((req, res) => {
        attach(req, res, next);
        res.end('the app was quicker');
      });
      expect((await request(url).get(`/?sessionId=${sessionId}`)).text).toBe('the app was quicker');
      release();
      await new Promise(setImmediate);
      expect(next.mock.calls.flat()).toEqual([]);
    },
  );

  it.each<[string, AttachSessionOptions, boolean]>([
    ['attachSession', {}, false],
    ['attachSession with passOnStoreError', { passOnStoreError: true }, false],
    ['requireSession', { passOnStoreError: true }, true],
  ])(
    'leaves the next request on a connection alone after you have responded first: %s',
    async (_, options, isRequired) => {
      const { store, release } = slowStore();
      const attach = attachSession(store, options);
      const app = express()
        .use('/slow', (_req, res, next) => {
          setImmediate(() => res.status(503).send('slow'));
          next();
        })
        .use('/slow', attach, ...(isRequired ? [requireSession()] : []), (_req, res) => {
          if (!res.headersSent) res.send('attached');
        })
        .get('/report', (_req, res) => {
          res.write('begin ');
          release();
          setImmediate(() => setImmediate(() => res.end('end')));
        });
      const { port } = await listen(app);
      const socket = connect(port, '127.0.0.1').setTimeout(10_000, () => socket.destroy());
      socket.write('GET /slow?sessionId=fails HTTP/1.1\r\nHost: a\r\n\r\n');
      let received = '';
      let hasSlow = false;
      socket.on('data', (chunk) => {
        received += chunk;
        if (!hasSlow && received.includes('slow')) {
          hasSlow = true;
          socket.write('GET /report HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
        }
      });
      await once(socket, 'close');
      expect(received).toMatch(/begin [\s\S]*end/);
    },
  );
});

describe('a further attachSession with a cookie', () => {
  it('costs at most 5 KB of memory', async () => {
    const program = `
      import { attachSession, createMemoryStore } from './src/index.ts';
      const store = createMemoryStore();
      function bytesOfEach(count) {
        gc();
        const before = process.memoryUsage();
        const kept = Array.from({ length: count }, () => attachSession(store, { cookie: { secret: 'a secret' } }));
        gc();
        const after = process.memoryUsage();
        return (after.heapUsed - before.heapUsed + after.arrayBuffers - before.arrayBuffers) / kept.length;
      }
      bytesOfEach(100);
      console.log(Math.min(bytesOfEach(1000), bytesOfEach(1000), bytesOfEach(1000)));`;
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ['--expose-gc', '--import', 'tsx', '--input-type=module', '-e', program],
      { cwd: new URL('../..', import.meta.url), timeout: 60_000 },
    );
    expect(Number(stdout)).toBeGreaterThan(0);
    expect(Number(stdout)).toBeLessThan(5 * 1024);
  }, 60_000);
});

describe('requireSession', () => {
  const start = async (options?: AttachSessionOptions, store: SessionStore = createMemoryStore()) => {
    const app = express().use(attachSession(store, options), requireSession(), showSession);
    return (path: string) => request(app).get(path);
  };

  it('passes on a request with a live session', async () => {
    const store = createMemoryStore();
    await store.create('live', {});
    const get = await start({}, store);
    expect(sessionOf(await get('/?sessionId=live'))).toMatchObject({ sessionId: 'live' });
  });

  it('responds 400 without an ID', async () => {
    const get = await start();
    for (const path of ['/', '/?sessionId=', '/?sessionId=0-0'])
      expectError(await get(path), 400, 'invalid_session_id', /^A session ID is required$/);
    for (const nothing of [undefined, null, '']) {
      const get = await start({ sources: [() => nothing] });
      expectError(await get('/'), 400, 'invalid_session_id', /required/);
    }
  });

  it('responds 400 to a malformed ID', async () => {
    const get = await start();
    expectError(await get('/?sessionId=mal%20formed'), 400, 'invalid_session_id', /must be 1 to 128/);
  });

  it('responds 400 to two different IDs', async () => {
    const get = await start();
    expectError(
      await get('/?sessionId=a&sessionId=b'),
      400,
      'ambiguous_header',
      /^The request has two different session IDs$/,
    );
    const byCookie = await start({ cookie: { secret } });
    const response = await byCookie('/').set('Cookie', `${signedCookie('a')}; ${signedCookie('b')}`);
    expectError(response, 400, 'ambiguous_header', /two different session IDs/);
  });

  it('responds 404 to an ID that is not that of a live session', async () => {
    const get = await start();
    expectError(await get('/?sessionId=unknown'), 404, 'session_not_found', /^Session not found$/);
  });

  it('responds 503 if the store failed and the request was passed on', async () => {
    const get = await start({ passOnStoreError: true }, failingStore());
    const response = await get('/?sessionId=live');
    expectError(response, 503, 'store_unavailable', /^Session store unavailable$/);
    expect(response.headers['retry-after']).toBe('1');
  });

  it('responds 503 if the store failed to create a session', async () => {
    const store = { ...failingStore(), get: () => undefined };
    const get = await start({ passOnStoreError: true, autoCreate: true, cookie: { secret } }, store);
    for (const cookie of ['', signedCookie('unknown')])
      expectError(await get('/').set('Cookie', cookie), 503, 'store_unavailable');
  });

  it('works after the router, and on bare node:http', async () => {
    const store = createMemoryStore();
    await store.create('live', {});
    const router = createSessionRouter(store);
    const required = requireSession();
    const { url } = await listen((req, res) =>
      router(req, res, () => required(req, res, () => showSession(req as never, res as never, () => {}))),
    );
    expect(sessionOf(await request(url).get('/?sessionId=live'))).toMatchObject({ sessionId: 'live' });
    expectError(await request(url).get('/?sessionId=unknown'), 404, 'session_not_found');
  });

  it('calls next with an error on a request that did not pass the middleware', () => {
    const next = vi.fn();
    requireSession()({} as never, {} as never, next);
    expect(next.mock.calls).toEqual([[expect.any(Error)]]);
    expect(next.mock.calls[0]?.[0].message).toMatch(
      /^requireSession: this request did not pass the middleware; mount attachSession\(store\)/,
    );
  });

  it('calls next with the error on an upgrade request, where the response is an empty object', () => {
    const req = { url: '/', headers: {} } as never;
    const next = vi.fn();
    attachSession(createMemoryStore())(req, {} as never, () => requireSession()(req, {} as never, next));
    expect(next.mock.calls).toEqual([[expect.objectContaining({ code: 'invalid_session_id', status: 400 })]]);
  });

  it('does nothing once you have responded, unless there is a session', () => {
    const res = { headersSent: true } as never;
    const next = vi.fn();
    requireSession()({} as never, res, next);
    const req = { url: '/?sessionId=unknown', headers: {} } as never;
    attachSession(createMemoryStore())(req, res, () => requireSession()(req, res, next));
    expect(next).not.toHaveBeenCalled();
  });
});
