import { once } from 'node:events';
import { get as httpGet, maxHeaderSize } from 'node:http';
import { connect } from 'node:net';
import { describe, expect, it } from 'vitest';
import { listen } from '../http/hosts.js';
import { needs } from '../servers/needs.js';
import { startRedis } from '../servers/redis.js';
import { block, rowsBelow } from './docs-pages.js';
import { startBlock } from './run-block.js';
import { runSample } from './sample-process.js';
import { get, secret } from './visitor.js';

const PAGE = 'deployment.md';
const { text } = block(PAGE, 'shutdown');

/** A request that is in progress until SIGTERM has come, and a stream that never ends. */
const SLOW = `
app.get('/slow', (_req, res) => {
  res.write('begun ');
  process.once('SIGTERM', () => setTimeout(() => res.end('done'), 100));
});
app.get('/stream', (_req, res) => res.write('begun'));
app.get('/', `;

needs('redis-server')('the shutdown of the page', () => {
  async function start(limit = '3_600_000') {
    const main = text.replace("\napp.get('/', ", SLOW).replace('10_000', limit);
    const keepAlive = '\nserver.keepAliveTimeout = 3_600_000;\n';
    const redis = await startRedis();
    const sample = runSample(
      'main.ts',
      { 'main.ts': main + keepAlive },
      { SESSION_SECRET: secret, REDIS_URL: redis.url },
    );
    return { redis, sample: await sample.catch((error) => redis.stop().then(() => Promise.reject(error))) };
  }

  it('lets a request in progress finish, accepts no new one, and ends', async () => {
    const { redis, sample } = await start();
    try {
      expect((await get(sample.url)).body).toEqual({ customerId: null });
      const slow = await fetch(`${sample.url}/slow`);
      sample.kill('SIGTERM');
      expect(await slow.text()).toBe('begun done');
      await expect(fetch(sample.url)).rejects.toThrow();
      await sample.exited;
      expect([sample.exitCode(), sample.output()]).toEqual([0, '']);
    } finally {
      await redis.stop();
    }
  });

  it('ends although Redis is gone', async () => {
    const { redis, sample } = await start();
    await redis.stop();
    expect((await get(sample.url)).status).toBe(200);
    sample.kill('SIGTERM');
    await sample.exited;
    expect(sample.exitCode()).toBe(0);
  });

  it('ends after its time limit although a stream is open', async () => {
    const { redis, sample } = await start('100');
    try {
      const request = httpGet(`${sample.url}/stream`);
      await once(request, 'response');
      request.on('error', () => {});
      sample.kill('SIGTERM');
      await sample.exited;
      expect(sample.exitCode()).toBe(0);
    } finally {
      await redis.stop();
    }
  });

  it('does not start without a secret', async () => {
    await expect(runSample('main.ts', { 'main.ts': text })).rejects.toThrow('Set SESSION_SECRET');
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
