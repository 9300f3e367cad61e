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
  requireSession,
  type SessionStore,
} from '../../src/index.js';
import { listen, showSession } from './hosts.js';
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
