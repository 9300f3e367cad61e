import { createHook } from 'node:async_hooks';
import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { sign } from 'cookie-signature';
import { describe, expect, it } from 'vitest';
import {
  attachSession,
  createMemoryStore,
  createSessionRouter,
  type SessionMiddleware,
} from '../../src/index.js';

const secret = 'keyboard cat';

function createRequest(method: string, url: string, headers: Record<string, string> = {}, body = '') {
  const req = new IncomingMessage(new Socket());
  Object.assign(req, { method, url, httpVersionMajor: 1, httpVersionMinor: 1 });
  for (const [name, value] of Object.entries(headers)) req.headers[name] = value;
  if (body)
    Object.assign(req.headers, { 'content-type': 'application/json', 'content-length': `${body.length}` });
  req.push(body || null);
  if (body) req.push(null);
  return req;
}

/** How many promises a request creates until its response ends or `next` is called. */
function promisesOf(middleware: SessionMiddleware, req: IncomingMessage) {
  let created = 0;
  const hook = createHook({
    init(_id, type) {
      if (type === 'PROMISE') created++;
    },
  });
  const res = new ServerResponse(req);
  return new Promise<{ created: number; status: number }>((resolve) => {
    res.end = (() => {
      hook.disable();
      resolve({ created, status: res.statusCode });
      return res;
    }) as never;
    // In a turn of its own, in which the test itself creates none.
    setImmediate(() => {
      hook.enable();
      middleware(req, res, () => res.end());
    });
  });
}

describe('with the memory store, a request creates few promises', () => {
  const store = createMemoryStore();
  store.create('live', { customerId: 'c' });
  const cookie = `connect.sid=${encodeURIComponent(`s:${sign('live', secret)}`)}`;
  const router = createSessionRouter(store);

  it('none for attaching by cookie', async () => {
    const attach = attachSession(createMemoryStore(), { cookie: { secret } });
    const { created } = await promisesOf(attach, createRequest('GET', '/', { cookie }));
    const attachLive = attachSession({ ...store }, { cookie: { secret } });
    const live = createRequest('GET', '/', { cookie });
    expect([created, (await promisesOf(attachLive, live)).created]).toEqual([0, 0]);
    expect(live).toMatchObject({ sessionInfo: { sessionId: 'live' } });
  });

  it('at most 4 for GET', async () => {
    const { created, status } = await promisesOf(router, createRequest('GET', '/sessions/live'));
    expect(status).toBe(200);
    expect(created).toBeLessThanOrEqual(4);
  });

  it('at most 8 for POST with a body', async () => {
    const req = createRequest('POST', '/sessions/live', {}, '{"visitId":"v"}');
    const { created, status } = await promisesOf(router, req);
    expect(status).toBe(200);
    expect(created).toBeLessThanOrEqual(8);
  });
});
