import { once } from 'node:events';
import { get as httpGet, type IncomingMessage, maxHeaderSize } from 'node:http';
import { type AddressInfo, connect, createServer } from 'node:net';
import { text as bodyOf } from 'node:stream/consumers';
import { describe, expect, it, onTestFinished } from 'vitest';
import { listen } from '../http/hosts.js';
import { signedCookie } from '../http/signed-cookie.js';
import { eventually } from '../servers/eventually.js';
import { needs } from '../servers/needs.js';
import { startRedis } from '../servers/redis.js';
import { block, proseOf, rowsBelow } from './docs-pages.js';
import { startBlock } from './run-block.js';
import { runSample } from './sample-process.js';
import { get, secret } from './visitor.js';

const PAGE = 'deployment.md';
const { text } = block(PAGE, 'shutdown');
const files = (main: string) => ({ 'main.ts': main, 'node-redis.ts': block('stores.md', 'node-redis').text });

/** A request that is in progress until SIGTERM has come, and a stream that never ends. */
const SLOW = `
app.get('/slow', (_req, res) => {
  res.write('begun ');
  process.once('SIGTERM', () => setTimeout(() => res.end('done'), 100));
});
app.get('/stream', (_req, res) => res.write('begun'));
app.get('/', `;

/** So that only the client, or the shutdown, ends an idle connection. */
const KEEP_ALIVE = '\nserver.keepAliveTimeout = 3_600_000;\n';

needs('redis-server')('the shutdown of the page', () => {
  async function start(limit = '3_600_000') {
    const main = text.replace("\napp.get('/', ", SLOW).replace('8000', limit);
    const redis = await startRedis();
    onTestFinished(() => redis.stop());
    const env = { SESSION_SECRET: secret, REDIS_URL: redis.url };
    return { redis, sample: await runSample('main.ts', files(main + KEEP_ALIVE), env) };
  }

  it('lets a request in progress finish, accepts no new one, and ends', async () => {
    const { sample } = await start();
    expect(await statusOf(sample.url)).toBe(200);
    const slow = await begin(`${sample.url}/slow`);
    sample.kill('SIGTERM');
    expect(await bodyOf(slow)).toBe('begun done');
    await expect(fetch(sample.url)).rejects.toThrow();
    await sample.exited;
    expect([sample.exitCode(), sample.output()]).toEqual([0, '']);
  });

  it('serves a request that comes on an idle connection, as its last', async () => {
    const { sample } = await start();
    const { port } = new URL(sample.url);
    const idle = connect(Number(port), '127.0.0.1').setEncoding('latin1');
    const sendRequest = () => idle.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
    sendRequest();
    expect((await once(idle, 'data'))[0]).toMatch(/^HTTP\/1\.1 200 [\s\S]*\r\nConnection: keep-alive\r\n/);
    sample.kill('SIGTERM');
    await eventually('the sample still listens', () => refuses(Number(port)));
    sendRequest();
    expect((await once(idle, 'data'))[0]).toMatch(/^HTTP\/1\.1 200 [\s\S]*\r\nConnection: close\r\n/);
    await sample.exited;
    expect([sample.exitCode(), sample.output()]).toEqual([0, '']);
  });

  it.each(['SIGKILL', 'SIGSTOP'] as const)('ends although Redis got %s', async (signal) => {
    const { redis, sample } = await start();
    redis.process.kill(signal);
    expect(await statusOf(sample.url, signedCookie('a-session'))).toBe(503);
    sample.kill('SIGTERM');
    await sample.exited;
    expect(sample.exitCode()).toBe(0);
  });

  it('ends after its time limit although a stream is open', async () => {
    const { sample } = await start('100');
    (await begin(`${sample.url}/stream`)).on('error', () => {});
    sample.kill('SIGTERM');
    await sample.exited;
    expect(sample.exitCode()).toBe(0);
  });

  it('does not start without a secret', async () => {
    await expect(runSample('main.ts', files(text))).rejects.toThrow('Set SESSION_SECRET');
  });
});

needs('redis-server')('a start without Redis', () => {
  const CONNECT = 'await client.connect();\n';

  /** A port on which connections end at once, what settles when three have come, and how to start a Redis there. */
  async function withoutRedis() {
    const attempts = createServer((socket) => socket.destroy()).listen(0, '127.0.0.1');
    await once(attempts, 'listening');
    const { port } = attempts.address() as AddressInfo;
    const close = () => new Promise((closed) => attempts.close(closed));
    onTestFinished(async () => void (await close()));
    const retried = async () => {
      for (let i = 0; i < 3; i++) await once(attempts, 'connection');
    };
    const startThere = async () => {
      await close();
      const redis = await startRedis([], async () => port);
      onTestFinished(() => redis.stop());
    };
    return { env: { SESSION_SECRET: secret, REDIS_URL: `redis://127.0.0.1:${port}` }, retried, startThere };
  }

  it('retries, logs why, and listens when Redis is there', async () => {
    const { env, retried, startThere } = await withoutRedis();
    let listens = false;
    const starting = runSample('main.ts', files(text), env).finally(() => {
      listens = true;
    });
    await retried();
    expect(listens).toBe(false);
    await startThere();
    const sample = await starting;
    expect(sample.output()).toMatch(/^(redis: \S.*\n){2,}$/);
    expect(await statusOf(sample.url)).toBe(200);
  });

  it('responds 503 meanwhile if it does not wait, and can be stopped', async () => {
    const { env, retried, startThere } = await withoutRedis();
    const [line = ''] = /client\.connect\(\)\.catch\(.*?\{\}\)/.exec(proseOf(PAGE)) ?? [];
    const main = text.replace(CONNECT, `${line};\n`);
    const stopped = await runSample('main.ts', files(main), env);
    stopped.kill('SIGTERM');
    await stopped.exited;
    expect(stopped.exitCode()).toBe(0);
    const sample = await runSample('main.ts', files(main), env);
    const status = () => statusOf(sample.url, signedCookie('a-session'));
    expect(await status()).toBe(503);
    await retried();
    await startThere();
    await expect.poll(status, { timeout: 20_000 }).toBe(200);
    sample.kill('SIGTERM');
    await sample.exited;
    expect(sample.exitCode()).toBe(0);
  });
});

describe('slow clients', () => {
  it('get 408, and others are served', async () => {
    const replace = {
      'headersTimeout: 10_000': 'headersTimeout: 150',
      '30_000': '300',
      'Interval: 5_000': 'Interval: 50',
      'export const server': 'app.use(express.json());\nexport const server',
    };
    const { url, port, server } = await startBlock(PAGE, 'server', { replace });
    expect(server).toMatchObject({
      maxConnections: 10_000,
      maxRequestsPerSocket: 1_000,
      keepAliveTimeout: 5_000,
    });
    const responses = await Promise.all([
      sendSlowly(port, 'GET / HTTP/1.1\r\nHost: a\r\nX-'),
      sendSlowly(
        port,
        'POST / HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 20\r\n\r\n{',
      ),
    ]);
    for (const response of responses) expect(response).toMatch(/^HTTP\/1\.1 408 /);
    expect((await get(url)).status).toBe(404);
  });

  it('the table lists the settings of the sample, with the defaults of Node', async () => {
    const { server } = await listen(() => {});
    const rows = rowsBelow(PAGE, '## Slow clients').map(([name = '', value = '']) => [
      name.slice(1, -1),
      value,
    ]);
    const stated = Object.fromEntries(rows);
    const sample = block(PAGE, 'server').text;
    for (const name of Object.keys(stated)) expect(sample).toMatch(new RegExp(`\\b${name}(:| =) `));
    expect(stated).toMatchObject({
      headersTimeout: `${server.headersTimeout / 1000} s`,
      requestTimeout: `${server.requestTimeout / 1000} s`,
      keepAliveTimeout: `${server.keepAliveTimeout / 1000} s`,
      maxHeaderSize: `${maxHeaderSize / 1024} KiB`,
      maxRequestsPerSocket: 'none',
      maxConnections: 'none',
    });
    expect(server.maxRequestsPerSocket).toBe(0);
    expect(server.maxConnections).toBeFalsy();
  });
});

/** The response to a GET, as soon as it begins. Its connection ends with it. */
async function begin(url: string, cookie = ''): Promise<IncomingMessage> {
  const [response] = await once(httpGet(url, { agent: false, headers: { cookie } }), 'response');
  return response;
}

async function statusOf(url: string, cookie?: string): Promise<number | undefined> {
  return (await begin(url, cookie)).resume().statusCode;
}

/** Whether nobody listens there. */
async function refuses(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  const refused = await once(socket, 'connect').catch((error) => error.code === 'ECONNREFUSED');
  socket.destroy();
  return refused === true;
}

/** Sends the beginning of a request and waits. Returns what the server sends before it closes the connection. */
function sendSlowly(port: number, beginning: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(beginning));
    let response = '';
    socket.setTimeout(10_000, () => reject(new Error('the server waited for more than 10 s')));
    socket.setEncoding('latin1').on('data', (chunk) => {
      response += chunk;
    });
    socket.on('error', () => {});
    socket.on('close', () => resolve(response));
  });
}
