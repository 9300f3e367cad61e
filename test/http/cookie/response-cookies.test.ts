import { once } from 'node:events';
import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import http2 from 'node:http2';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import compression from 'compression';
import cors from 'cors';
import express, { type RequestHandler } from 'express';
import session from 'express-session';
import helmet from 'helmet';
import { createProxyMiddleware } from 'http-proxy-middleware';
import { describe, expect, it, onTestFinished } from 'vitest';
import {
  canSetCookie,
  responseCookie,
  setResponseCookie,
} from '../../../src/http/cookie/response-cookies.js';
import { attachSession, createMemoryStore, endSession, renewSession } from '../../../src/index.js';
import { listen } from '../hosts.js';
import { secret, signedCookie } from '../signed-cookie.js';

/** The one that compression uses, as many middlewares do. */
const onHeaders: (res: ServerResponse, listener: () => void) => void = createRequire(
  createRequire(import.meta.url).resolve('compression'),
)('on-headers');

type Respond = (req: IncomingMessage, res: ServerResponse) => unknown;

const OURS = 'sid=ours; Path=/';

const withOurs =
  (respond: Respond, header = OURS): Respond =>
  (req, res) => {
    setResponseCookie(res, 'sid', header);
    return respond(req, res);
  };

interface Received {
  readonly status: number;
  readonly cookies: readonly string[];
  readonly headers: Record<string, unknown>;
  readonly body: string;
}

async function overHttp1(listener: Respond, method = 'GET'): Promise<Received> {
  const { url } = await listen(listener as http.RequestListener);
  const req = http.request(url, { method, timeout: 10_000, headers: { 'accept-encoding': 'gzip' } }).end();
  const [res] = (await once(req, 'response')) as [IncomingMessage];
  const body = (await res.toArray()).join('');
  return {
    status: res.statusCode ?? 0,
    headers: res.headers,
    cookies: res.headers['set-cookie'] ?? [],
    body,
  };
}

async function overHttp2(listener: Respond, method = 'GET'): Promise<Received> {
  const server = http2.createServer(listener as never).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const client = http2.connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  onTestFinished(() => void server.close());
  try {
    const stream = client.request({ ':method': method, ':path': '/' });
    stream.setTimeout(10_000, () => stream.destroy(new Error('no response')));
    const [headers] = (await once(stream, 'response')) as [Record<string, unknown>];
    const body = (await stream.toArray()).join('');
    const cookies = (headers['set-cookie'] ?? []) as string[];
    return { status: Number(headers[':status']), headers, cookies, body };
  } finally {
    client.destroy();
  }
}

/** How apps set headers, each with one cookie of its own. */
const WAYS: [string, (res: ServerResponse) => unknown][] = [
  ['setHeader', (res) => res.setHeader('Set-Cookie', 'own=1')],
  ['setHeader with a list', (res) => res.setHeader('set-cookie', ['own=1'])],
  ['appendHeader', (res) => res.appendHeader('Set-Cookie', 'own=1')],
  [
    'setHeader after removeHeader',
    (res) => {
      for (const name of res.getHeaderNames()) res.removeHeader(name);
      res.setHeader('Set-Cookie', 'own=1');
    },
  ],
  [
    'appendHeader after removeHeader',
    (res) => {
      res.removeHeader('Set-Cookie');
      res.appendHeader('Set-Cookie', 'own=1');
    },
  ],
  ['writeHead with an object', (res) => res.writeHead(200, { 'Set-Cookie': 'own=1' })],
  ['writeHead with an object of lists', (res) => res.writeHead(200, { 'set-cookie': ['own=1'] })],
  ['writeHead with a message and an object', (res) => res.writeHead(200, 'Fine', { 'Set-Cookie': 'own=1' })],
  ['writeHead with a flat list', (res) => res.writeHead(200, ['Set-Cookie', 'own=1', 'X-Own', 'x'] as never)],
  ['writeHead with a list of pairs', (res) => res.writeHead(200, [['Set-Cookie', 'own=1']] as never)],
  [
    'writeHead without headers',
    (res) => {
      res.setHeader('Set-Cookie', 'own=1');
      res.writeHead(200);
    },
  ],
  [
    'flushHeaders',
    (res) => {
      res.setHeader('Set-Cookie', 'own=1');
      res.flushHeaders();
    },
  ],
  [
    'write without a head',
    (res) => {
      res.setHeader('Set-Cookie', 'own=1');
      res.write('');
      res.write('a ');
    },
  ],
];

describe.each([
  ['HTTP/1.1', overHttp1],
  ['HTTP/2', overHttp2],
])('setResponseCookie over %s', (_, exchange) => {
  it.each(WAYS)('sends our cookie once next to the one of %s', async (_, set) => {
    const { status, cookies, headers, body } = await exchange(
      withOurs((_req, res) => {
        set(res);
        res.end('body');
      }),
    );
    expect({ status, cookies: [...cookies].sort(), body }).toEqual({
      status: 200,
      cookies: ['own=1', OURS],
      body: expect.stringMatching(/^(a )?body$/),
    });
    expect(headers['cache-control']).toBe('private');
  });

  it('sends our cookie with an empty list of headers, and for HEAD and 304', async () => {
    expect((await exchange(withOurs((_req, res) => res.writeHead(200, [] as never).end()))).cookies).toEqual([
      OURS,
    ]);
    expect(
      (
        await exchange(
          withOurs((_req, res) => res.end()),
          'HEAD',
        )
      ).cookies,
    ).toEqual([OURS]);
    const unchanged = await exchange(withOurs((_req, res) => res.writeHead(304).end()));
    expect(unchanged).toMatchObject({ status: 304, cookies: [OURS] });
  });

  it('keeps the message of the status, on HTTP/1', async () => {
    const { url } = await listen(withOurs((_req, res) => res.writeHead(200, 'Quite fine').end()) as never);
    const [res] = (await once(http.get(url, { timeout: 10_000 }), 'response')) as [IncomingMessage];
    res.resume();
    expect(res.statusMessage).toBe('Quite fine');
  });

  it('takes null for no headers, as Node does', async () => {
    const { status, cookies } = await exchange(
      withOurs((_req, res) => res.writeHead(200, null as never).end()),
    );
    expect({ status, cookies }).toEqual({ status: 200, cookies: [OURS] });
  });

  it('sends the last one that was set', async () => {
    const respond = withOurs((_req, res) => {
      setResponseCookie(res, 'other', 'other=1');
      setResponseCookie(res, 'sid', 'sid=last');
      expect(responseCookie(res, 'sid')).toBe('sid=last');
      res.writeHead(200, { 'Set-Cookie': ['sid=of the app', ' sid =of the app', 'sid2=own', 'sid'] }).end();
    });
    expect((await exchange(respond)).cookies).toEqual(['sid2=own', 'sid=last', 'other=1']);
  });

  it('keeps what was set before it, and Cache-Control of the app', async () => {
    const respond: Respond = (req, res) => {
      res.setHeader('Set-Cookie', 'before=1');
      withOurs(() => {})(req, res);
      res.writeHead(200, { 'cache-control': 'no-store' }).end();
    };
    const { cookies, headers } = await exchange(respond);
    expect(cookies).toEqual(['before=1', OURS]);
    expect(headers['cache-control']).toBe('no-store');
  });

  it('leaves a second head to Node', async () => {
    let thrown: unknown;
    await exchange(
      withOurs((_req, res) => {
        res.writeHead(200);
        try {
          res.writeHead(200);
        } catch (error) {
          thrown = error;
        }
        expect(canSetCookie(res)).toBe(false);
        res.end();
      }),
    );
    expect(thrown).toMatchObject({ code: expect.stringMatching(/HEADERS_SENT/) });
  });
});

describe('setResponseCookie', () => {
  it.each(['before', 'after'])('survives a listener of on-headers that was added %s it', async (when) => {
    for (const change of [
      (res: ServerResponse) => res.setHeader('Set-Cookie', 'own=1'),
      (res: ServerResponse) => {
        res.removeHeader('Set-Cookie');
        res.appendHeader('Set-Cookie', 'own=1');
      },
    ]) {
      const { cookies } = await overHttp1((req, res) => {
        const listen = () => onHeaders(res, () => void change(res));
        if (when === 'before') listen();
        withOurs(() => {})(req, res);
        if (when === 'after') listen();
        res.writeHead(200, { 'Set-Cookie': 'lost=1' });
        res.end();
      });
      expect([...cookies].sort()).toEqual(['own=1', OURS]);
    }
  });

  it('is one cookie next to express-session, also under the same name', async () => {
    for (const name of ['connect.sid', 'other.sid']) {
      const app = express()
        .use(session({ secret: 's', name, resave: false, saveUninitialized: true }))
        .use((_req, res) => {
          setResponseCookie(res, 'connect.sid', 'connect.sid=ours');
          res.send('body');
        });
      const { cookies } = await overHttp1(app as never);
      const names = cookies.map((cookie) => cookie.split('=')[0]).sort();
      expect(names).toEqual(name === 'connect.sid' ? ['connect.sid'] : ['connect.sid', 'other.sid']);
      expect(cookies).toContain('connect.sid=ours');
    }
  });

  it('works with compression, helmet and cors before and after it', async () => {
    const ours: RequestHandler = (req, res, next) => {
      withOurs(() => {})(req, res);
      next();
    };
    const others = [compression({ threshold: 0 }), helmet(), cors()];
    for (const handlers of [
      [ours, ...others],
      [...others, ours],
    ]) {
      const app = express()
        .use(...handlers)
        .use((_req, res) => void res.cookie('own', '1').json({ a: 'b'.repeat(100) }));
      const { cookies, headers } = await overHttp1(app as never);
      expect(cookies).toEqual(['own=1; Path=/', OURS]);
      expect(headers).toMatchObject({
        'content-encoding': 'gzip',
        'x-content-type-options': 'nosniff',
        'access-control-allow-origin': '*',
        'cache-control': 'private',
      });
    }
  });

  it('is added to what a proxied app responds with', async () => {
    const { url } = await listen((_req, res) => {
      res
        .writeHead(201, { 'Set-Cookie': ['own=1; Path=/', 'two=2'], 'Cache-Control': 'max-age=1' })
        .end('body');
    });
    const proxy = createProxyMiddleware({ target: url });
    const app = express().use((req, res, next) => withOurs(() => void proxy(req, res, next))(req, res));
    expect(await overHttp1(app as never)).toMatchObject({
      status: 201,
      cookies: ['own=1; Path=/', 'two=2', OURS],
      headers: { 'cache-control': 'max-age=1' },
      body: 'body',
    });
  });
});

describe('the cookie after several calls', () => {
  it('reflects the last one', async () => {
    const cookiesAfter = async (...calls: ('renew' | 'end')[]) => {
      let ids = 0;
      const attach = attachSession(createMemoryStore(), {
        cookie: { secret },
        generateId: () => `id-${ids++}`,
        autoCreate: true,
      });
      const { cookies, headers } = await overHttp1((req, res) =>
        attach(req, res, async () => {
          for (const call of calls) await (call === 'renew' ? renewSession : endSession)(req, res);
          res.writeHead(302, { Location: '/', 'Set-Cookie': 'own=1' }).end();
        }),
      );
      expect(headers['cache-control']).toBe('private');
      return cookies.map((cookie) => cookie.split(';')[0]);
    };
    expect(await cookiesAfter()).toEqual(['own=1', signedCookie('id-0')]);
    expect(await cookiesAfter('renew')).toEqual(['own=1', signedCookie('id-1')]);
    expect(await cookiesAfter('renew', 'renew')).toEqual(['own=1', signedCookie('id-2')]);
    expect(await cookiesAfter('renew', 'end')).toEqual(['own=1', 'connect.sid=']);
    expect(await cookiesAfter('end', 'renew')).toEqual(['own=1', signedCookie('id-1')]);
  });
});

describe('a response of its own kind', () => {
  it('as engine.io has for an upgrade, with a few methods only, gets the cookie when it begins', () => {
    const headers: Record<string, unknown> = {};
    const heads: unknown[][] = [];
    const res = {
      setHeader: (name: string, value: unknown) => void Object.assign(headers, { [name]: value }),
      getHeader: (name: string) => headers[name],
      removeHeader: (name: string) => void delete headers[name],
      writeHead: (...head: unknown[]) => void heads.push(head),
    } as unknown as ServerResponse;
    setResponseCookie(res, 'sid', OURS);
    res.writeHead(101);
    expect(heads).toEqual([[101]]);
    expect(headers).toEqual({ 'Set-Cookie': [OURS], 'Cache-Control': 'private' });
  });
});

describe('canSetCookie', () => {
  it('is false for the empty object of an upgrade request', () => {
    expect(canSetCookie({} as never)).toBe(false);
    expect(responseCookie({} as never, 'sid')).toBeUndefined();
  });
});
