import { once } from 'node:events';
import { connect } from 'node:net';
import express, { type RequestHandler } from 'express';
import { describe, expect, it } from 'vitest';
import { createMemoryStore, createSessionRouter } from '../../src/index.js';
import { HOSTS, listen } from './hosts.js';

const HEAD =
  'POST /sessions/chosen HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 15\r\n\r\n';
const BODY = '{"visitId":"v"}';
const COMPRESSED = HEAD.replace('\r\n\r\n', '\r\nContent-Encoding: gzip\r\n\r\n');

/** What comes of a POST of these bytes whose client goes away while `authorize` runs. Resolves when the route has responded, to nobody. */
async function abort(bytes: string, before: RequestHandler[], end: 'destroy' | 'end') {
  const store = createMemoryStore();
  const errors: unknown[] = [];
  let hookCalled = () => {};
  const called = new Promise<void>((resolve) => {
    hookCalled = resolve;
  });
  let responded = (_status: number) => {};
  const response = new Promise<number>((resolve) => {
    responded = resolve;
  });
  const router = createSessionRouter(store, {
    async authorize(req) {
      hookCalled();
      if (!req.socket.closed) await new Promise((closed) => req.socket.once('close', closed));
      return true;
    },
  });
  const app = express();
  for (const handler of before) app.use(handler);
  app.use(router);
  app.use((error: unknown, _req: unknown, res: express.Response, _next: unknown) => {
    errors.push(error);
    res.end();
  });
  const { port } = await listen((req, res) => {
    const original = res.end.bind(res);
    res.end = ((...args: []) => {
      responded(res.statusCode);
      return original(...args);
    }) as typeof res.end;
    app(req, res);
  });
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => {});
  socket.write(bytes);
  await called;
  socket[end]();
  const status = await response;
  socket.destroy();
  return { status, errors, stored: await store.get('chosen') };
}

const withBody: RequestHandler = (req, _res, next) => {
  req.body ??= {};
  next();
};

describe('a client that goes away while a hook runs', () => {
  const cases = [
    ['in the middle of its body', HEAD + BODY.slice(0, 6)],
    ['before its body', HEAD],
    ['after its body', HEAD + BODY],
    ['before its compressed body', COMPRESSED],
    ['in the middle of its compressed body', `${COMPRESSED}\x1f`],
  ].flatMap(([when = '', bytes = '']) =>
    (['destroy', 'end'] as const).map((end) => [when, end, bytes] as const),
  );

  it.each(cases)(
    '%s, by %s: 400, nothing is stored, and your error handler is not called',
    async (_, end, bytes) => {
      for (const before of [[], [withBody], [express.json({ type: 'text/plain' })]]) {
        expect(await abort(bytes, before, end)).toEqual({ status: 400, errors: [], stored: undefined });
      }
    },
  );
});

describe.each(HOSTS)(
  'a client that goes away in the middle of its body, on $name',
  ({ listener, prefix }) => {
    it('creates no session', async () => {
      const store = createMemoryStore();
      const { port } = await listen(listener(createSessionRouter(store)));
      const socket = connect(port, '127.0.0.1');
      socket.write(HEAD.replace('/sessions', `${prefix}/sessions`) + BODY.slice(0, 6));
      await once(socket, 'connect');
      socket.destroy();
      const other = connect(port, '127.0.0.1');
      other.write(`PUT ${prefix}/sessions/new HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`);
      other.resume();
      await once(other, 'close');
      expect(await store.get('chosen')).toBeUndefined();
    });
  },
);
