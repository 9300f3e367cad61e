import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { expect, it, onTestFinished, vi } from 'vitest';
import { readBytes } from '../../../src/http/input/request-bytes.js';
import { request } from '../request.js';

vi.mock('../../../src/http/errors.js', { spy: true });

it('creates no error for a body that arrives, which would take a third of the time of a POST', async () => {
  // Another test may have loaded both without the spy.
  vi.resetModules();
  const { sessionError } = await import('../../../src/http/errors.js');
  const { createSessionRouter } = await import('../../../src/index.js');
  const closed: Promise<unknown>[] = [];
  const router = createSessionRouter();
  const server = createServer((req, res) => {
    closed.push(once(req, 'close'));
    router(req as never, res as never, () => res.end());
  });
  await request(server).put('/sessions/new').send({ visitId: 'v' }).expect(201);
  await Promise.all(closed);
  expect(closed).toHaveLength(1);
  expect(sessionError).not.toHaveBeenCalled();
});

it.each(['identity', 'gzip'])('rejects if the client goes away before the end: %s', async (encoding) => {
  let client: Socket | undefined;
  const outcome = new Promise<unknown>((resolve) => {
    const server = createServer((req, res) => {
      readBytes(req, res).then(resolve, resolve);
      client?.destroy();
    }).listen(0, '127.0.0.1', () => {
      client = connect((server.address() as AddressInfo).port, '127.0.0.1').on('error', () => {});
      client.write(HEAD.replace('identity', encoding) + FIRST_BYTE);
    });
    onTestFinished(() => void server.close());
  });
  expect(await outcome).toMatchObject({ code: 'invalid_json', message: 'The body could not be read' });
});

const HEAD = 'POST / HTTP/1.1\r\nHost: a\r\nContent-Encoding: identity\r\nContent-Length: 9\r\n\r\n';
const FIRST_BYTE = '\x1f';
