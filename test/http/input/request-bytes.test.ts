import { once } from 'node:events';
import { createServer } from 'node:http';
import { expect, it, vi } from 'vitest';
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
