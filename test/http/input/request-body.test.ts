import { once } from 'node:events';
import http2 from 'node:http2';
import type { AddressInfo } from 'node:net';
import { deflateSync, gzipSync } from 'node:zlib';
import express, { type RequestHandler } from 'express';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createSessionRouter, type SessionRouterOptions } from '../../../src/index.js';
import { expectError, expectSession } from '../expect-response.js';
import { HOSTS_OF_BODIES, listen } from '../hosts.js';
import { rawRequest, requestBytes } from '../raw-request.js';
import { request } from '../request.js';
import { HOST_RESPONSE } from '../validate-response.js';

const JSON_TYPE = 'Content-Type: application/json';
const LIMIT = 16 * 1024;

describe.each(HOSTS_OF_BODIES)('the body of a request, on $name', ({ prefix, listener }) => {
  async function start(options?: SessionRouterOptions) {
    const { port, url } = await listen(listener(createSessionRouter(undefined, options)));
    return {
      url,
      raw: (line: string, headers: string[] = [], body: string | Buffer = '') => {
        const [method, path] = line.split(' ');
        return rawRequest(port, requestBytes(`${method} ${prefix}${path}`, headers, body));
      },
    };
  }

  /** PUT with a body of so many bytes as its length says. */
  async function put(headers: string[], body: string | Buffer = '', options?: SessionRouterOptions) {
    const { raw } = await start(options);
    const length = body.length === 0 ? [] : [`Content-Length: ${Buffer.byteLength(body)}`];
    return raw('PUT /sessions/new', [...headers, ...length], body);
  }

  describe('nothing sent', () => {
    const types = [
      undefined,
      'application/json',
      'text/plain',
      'application/x-www-form-urlencoded',
      'nonsense',
    ];
    const headersOf = (type: string | undefined) => (type ? [`Content-Type: ${type}`] : []);

    it.each(types)('no body, Content-Type %s', async (type) => {
      expectSession(await put(headersOf(type)), 201, {});
    });

    it.each(types)('Content-Length: 0, Content-Type %s', async (type) => {
      expectSession(await put([...headersOf(type), 'Content-Length: 0']), 201, {});
    });

    it.each(types)('{}, Content-Type %s', async (type) => {
      expectSession(await put(headersOf(type), '{}'), 201, {});
    });

    it.each(types)('chunks without bytes, Content-Type %s', async (type) => {
      const { raw } = await start();
      const headers = [...headersOf(type), 'Transfer-Encoding: chunked'];
      expectSession(await raw('PUT /sessions/new', headers, '0\r\n\r\n'), 201, {});
      const encoded = [...headers, 'Content-Encoding: gzip'];
      if (type === undefined) expectSession(await raw('PUT /sessions/new', encoded, '0\r\n\r\n'), 201, {});
    });
  });

  describe('body', () => {
    it.each([
      'application/json',
      'APPLICATION/JSON',
      'application/json; charset=utf-8',
      'application/json;charset="UTF-8"',
      'application/json ; profile=x; charset=utf-8',
      'application/vnd.app+json',
    ])('%s is read', async (type) => {
      // The app's express.json() does not read types with a suffix, so the router does.
      expectSession(await put([`Content-Type: ${type}`], '{"visitId":"v","other":1}'), 201, {
        visitId: 'v',
      });
    });

    it('without a Content-Type is 415', async () => {
      for (const body of ['{"visitId":"v"}', 'visitId=v', '[]', ' ']) {
        const response = await put([], body);
        expectError(response, 415, 'unsupported_media_type');
        expect(response.headers).toMatchObject({ accept: 'application/json' });
      }
    });

    it('in chunks', async () => {
      const { raw } = await start();
      const headers = [JSON_TYPE, 'Transfer-Encoding: chunked'];
      const chunks = 'b\r\n{"visitId":\r\n4\r\n"v"}\r\n0\r\n\r\n';
      expectSession(await raw('PUT /sessions/new', headers, chunks), 201, { visitId: 'v' });
    });

    it.each([
      ['gzip', gzipSync],
      ['deflate', deflateSync],
    ])('in %s', async (encoding, compress) => {
      const body = compress('{"visitId":"v"}');
      expectSession(await put([JSON_TYPE, `Content-Encoding: ${encoding}`], body), 201, { visitId: 'v' });
    });

    it.each([
      'text/plain',
      'application/x-www-form-urlencoded',
      'multipart/form-data; boundary=x',
      'application/jsonp',
      'text/json',
      'application/json; charset=utf-16',
      'application/json; charset=iso-8859-1',
      'application/json;charset=utf-16',
      'application/json;  charset=utf-16',
      'application/json; charset  =utf-16',
      'application/json; charset=xutf-8',
      'application/json; charset=utf-8x',
      'x-application/json',
      'text/application/json',
    ])('%s is 415', async (type) => {
      const response = await put([`Content-Type: ${type}`], '{"visitId":"v"}');
      // Express's own parser, mounted by the app, responds to charsets that it does not know.
      if (response.body.includes('hostError')) expect([400, 415]).toContain(response.status);
      else {
        expectError(response, 415, 'unsupported_media_type');
        expect(response.headers).toMatchObject({ accept: 'application/json' });
        expect(response.headers).not.toHaveProperty('accept-encoding');
      }
    });

    it.each(['null', 'true', '1', '"visitId"', '[]', '[{"visitId":"v"}]'])(
      '%s is 400 invalid_body',
      async (body) => {
        const response = await put(['Content-Type: application/vnd.app+json'], body);
        expectError(response, 400, 'invalid_body');
      },
    );

    it.each([
      ['a number', '{"visitId":1}', 'visitId must be a string'],
      ['true', '{"globalVisitId":true}', 'globalVisitId must be a string'],
      ['an object', '{"visitId":{}}', 'visitId must be a string'],
      ['an array', '{"visitId":["v"]}', 'visitId must be a string'],
      ['257 units', `{"visitId":"${'v'.repeat(257)}"}`, 'visitId must be at most 256 UTF-16 units long'],
      ['a lone surrogate', '{"visitId":"\\ud800"}', 'visitId must be well-formed'],
      ['a line break', '{"globalVisitId":"a\\nb"}', 'globalVisitId must not contain control characters'],
      ['a NUL', '{"globalVisitId":"\\u0000"}', 'globalVisitId must not contain control characters'],
    ])('%s is 400 invalid_field', async (_, body, message) => {
      expectError(await put([JSON_TYPE], body), 400, 'invalid_field', new RegExp(`^${message}`));
    });

    it('a wrong field changes nothing', async () => {
      const { raw } = await start();
      const body = '{"visitId":"v","globalVisitId":7}';
      const headers = [JSON_TYPE, `Content-Length: ${body.length}`, 'gkc_customerId: c'];
      expectError(await raw('POST /sessions/s', headers, body), 400, 'invalid_field');
      expectError(await raw('GET /sessions/s'), 404, 'session_not_found');
    });

    it('unknown members are ignored, and never stored', async () => {
      const { raw } = await start();
      const body =
        '{"visitId":"v","customerId":"c","sessionId":"t","createdAt":1,"__proto__":{"globalVisitId":"g"}}';
      const headers = [JSON_TYPE, `Content-Length: ${body.length}`];
      expectSession(await raw('POST /sessions/s', headers, body), 201, { sessionId: 's', visitId: 'v' });
      expect(Object.prototype).not.toHaveProperty('globalVisitId');
    });

    it('the last of a repeated key counts, as in JSON.parse', async () => {
      expectSession(await put([JSON_TYPE], '{"visitId":"a","visitId":"b"}'), 201, { visitId: 'b' });
    });

    it('may begin with a byte order mark', async () => {
      expectSession(await put([JSON_TYPE], '\ufeff{"visitId":"v"}'), 201, { visitId: 'v' });
    });
  });

  describe('size', () => {
    const filled = (size: number) => `{"visitId":"v","other":"${'x'.repeat(size - 26)}"}`;

    it('16 KiB is read, one byte more is 413', async () => {
      expect(filled(LIMIT)).toHaveLength(LIMIT);
      expectSession(await put([JSON_TYPE], filled(LIMIT)), 201, { visitId: 'v' });
      expectError(await put([JSON_TYPE], filled(LIMIT + 1)), 413, 'body_too_large');
    });

    it('413 comes before the body, by its length alone', async () => {
      const { raw } = await start();
      const headers = ['Content-Type: application/vnd.app+json', `Content-Length: ${LIMIT + 1}`];
      expectError(await raw('PUT /sessions/new', headers), 413, 'body_too_large');
    });
  });
});

describe('a body that the router reads', () => {
  const type = 'Content-Type: application/json';
  const start = async (...before: RequestHandler[]) => {
    const app = express();
    for (const handler of before) app.use(handler);
    const { port } = await listen(app.use(createSessionRouter()));
    return (headers: string[], body: string | Buffer) =>
      rawRequest(port, requestBytes('PUT /sessions/new', headers, body));
  };

  it.each(['{', '{"visitId":"v"', "{'visitId':'v'}", '{"visitId":"v"}x', '\0', 'undefined', '{"a":1,}'])(
    '%j is 400 invalid_json',
    async (body) => {
      const put = await start();
      expectError(await put([type, `Content-Length: ${body.length}`], body), 400, 'invalid_json');
    },
  );

  it('invalid UTF-8 is 400 invalid_json, not a replacement character', async () => {
    const put = await start();
    const body = Buffer.from('{"visitId":"\xff"}', 'latin1');
    expectError(await put([type, `Content-Length: ${body.length}`], body), 400, 'invalid_json', /UTF-8/);
  });

  it('is 413 over 16 KiB, in chunks and after decompression', async () => {
    const put = await start();
    const big = `{"other":"${'x'.repeat(LIMIT)}"}`;
    const chunks = `${big.length.toString(16)}\r\n${big}\r\n0\r\n\r\n`;
    expectError(await put([type, 'Transfer-Encoding: chunked'], chunks), 413, 'body_too_large');
    const bomb = gzipSync(`{"other":"${'x'.repeat(5_000_000)}"}`);
    expect(bomb.length).toBeLessThan(LIMIT);
    const headers = [type, 'Content-Encoding: gzip', `Content-Length: ${bomb.length}`];
    expectError(await put(headers, bomb), 413, 'body_too_large');
  });

  it('is 415 in an unknown Content-Encoding, 400 if it cannot be decompressed', async () => {
    const put = await start();
    const unknown = await put([type, 'Content-Encoding: rot13', 'Content-Length: 2'], '[]');
    expectError(
      unknown,
      415,
      'unsupported_media_type',
      /^The Content-Encoding of the body is not supported$/,
    );
    expect(unknown.headers).toMatchObject({ 'accept-encoding': 'gzip, deflate' });
    expect(unknown.headers).not.toHaveProperty('accept');
    expectError(
      await put([type, 'Content-Encoding: gzip', 'Content-Length: 2'], '[]'),
      400,
      'invalid_json',
      /^The body could not be read$/,
    );
  });

  it('may have 8,000 nested arrays', async () => {
    const put = await start();
    const body = `{"visitId":"v","deep":${'['.repeat(8000)}${']'.repeat(8000)}}`;
    expectSession(await put([type, `Content-Length: ${body.length}`], body), 201, { visitId: 'v' });
  });
});

describe('a body that the app has read', () => {
  const put = (...before: RequestHandler[]) => {
    const app = express();
    for (const handler of before) app.use(handler);
    app.use(createSessionRouter());
    app.use(((error, _req, res, _next) => {
      res.status(500).set(HOST_RESPONSE, 'error').send(error.message);
    }) as express.ErrorRequestHandler);
    return request(app).put('/sessions/new');
  };

  it('by express.raw(), express.text(), or twice by express.json()', async () => {
    const all = () => true;
    for (const parsers of [
      [express.raw({ type: all })],
      [express.text({ type: all })],
      [express.json(), express.json()],
    ]) {
      expectSession(await put(...parsers).send({ visitId: 'v' }), 201, { visitId: 'v' });
      expectSession(await put(...parsers), 201, {});
      expectError(await put(...parsers).send([]), 400, 'invalid_body');
    }
  });

  it('compressed', async () => {
    const response = await put(express.json())
      .set({ 'Content-Type': 'application/json', 'Content-Encoding': 'gzip' })
      .serialize((body) => body)
      .send(gzipSync('{"visitId":"v"}') as never);
    expectSession(response, 201, { visitId: 'v' });
  });

  it('is 415 without a Content-Type', async () => {
    const send = (bytes: string[], body: string) => async () => {
      const app = express().use(express.json({ type: () => true }), createSessionRouter());
      const { port } = await listen(app);
      return rawRequest(port, requestBytes('PUT /sessions/new', bytes, body));
    };
    const body = '{"visitId":"v"}';
    const inChunks = `f\r\n${body}\r\n0\r\n\r\n`;
    const chunked = 'Transfer-Encoding: chunked';
    expectError(await send([`Content-Length: ${body.length}`], body)(), 415, 'unsupported_media_type');
    expectError(await send([chunked], inChunks)(), 415, 'unsupported_media_type');
    expectSession(await send(['Content-Length: 2'], '{}')(), 201, {});
    expectSession(await send([chunked], '2\r\n{}\r\n0\r\n\r\n')(), 201, {});
    expectSession(await send([chunked, 'Content-Type: text/plain'], '0\r\n\r\n')(), 201, {});
  });

  it('by express.urlencoded() is not JSON: 415', async () => {
    const response = await put(express.urlencoded({ extended: true }))
      .type('form')
      .send({ visitId: 'v' });
    expectError(response, 415, 'unsupported_media_type');
  });

  it('is 413 over 16 KiB, although the app allows more', async () => {
    expectError(await put(express.json()).send({ other: 'x'.repeat(20_000) }), 413, 'body_too_large');
  });

  it('compressed or in chunks is 413 over 16 KiB, however deep', async () => {
    const over = (body: string) =>
      put(express.json())
        .set({ 'Content-Type': 'application/json', 'Content-Encoding': 'gzip' })
        .serialize((sent) => sent)
        .send(gzipSync(body) as never);
    const exactly = `{"visitId":"v","other":"${'x'.repeat(LIMIT - 26)}"}`;
    expectSession(await over(exactly), 201, { visitId: 'v' });
    expectError(await over(exactly.replace('"v"', '"vv"')), 413, 'body_too_large');
    expectError(await over(`{"other":${'['.repeat(40_000)}${']'.repeat(40_000)}}`), 413, 'body_too_large');
    const { port } = await listen(express().use(express.json()).use(createSessionRouter()));
    const big = `{"other":"${'x'.repeat(LIMIT)}"}`;
    const headers = ['Content-Type: application/json', 'Transfer-Encoding: chunked'];
    const chunks = `${big.length.toString(16)}\r\n${big}\r\n0\r\n\r\n`;
    expectError(
      await rawRequest(port, requestBytes('PUT /sessions/new', headers, chunks)),
      413,
      'body_too_large',
    );
  });

  it.each([
    ['express.raw()', express.raw],
    ['express.text()', express.text],
  ])('compressed, by %s: 16 KiB is read, one byte more is 413', async (_, parser) => {
    const send = (body: string) =>
      put(parser({ type: () => true }))
        .set({ 'Content-Type': 'application/json', 'Content-Encoding': 'gzip' })
        .serialize((sent) => sent)
        .send(gzipSync(body) as never);
    const exactly = `{"visitId":"v","other":"${'x'.repeat(LIMIT - 26)}"}`;
    expectSession(await send(exactly), 201, { visitId: 'v' });
    expectError(await send(exactly.replace('"v"', '"vv"')), 413, 'body_too_large');
  });

  it('and not left in req.body is an error of the app, with the fix', async () => {
    const keep: RequestHandler = (req, _res, next) => {
      req.resume();
      req.on('end', () => next());
    };
    for (const encoding of ['identity', 'gzip']) {
      const response = await put(keep).set('Content-Encoding', encoding).send({ visitId: 'v' });
      expect(response.status).toBe(500);
      expect(response.text).toMatch(/read before the session router.*express\.json\(\)/);
    }
  });

  it('in part is an error of the app, too', async () => {
    const begin: RequestHandler = (req, _res, next) => {
      req.once('data', () => {
        req.pause();
        next();
      });
    };
    const response = await put(begin).send({ visitId: 'v' });
    expect(response.status).toBe(500);
    expect(response.text).toMatch(/read before the session router/);
  });

  it('as text, or as an object that throws when it is read, is an error of the app', async () => {
    const asText = await put((req, _res, next) => {
      req.setEncoding('utf8');
      next();
    }).send({ visitId: 'v' });
    expect([asText.status, asText.text]).toEqual([
      500,
      'The app set an encoding on the request: do not call req.setEncoding()',
    ]);
    const trapped = await put(express.json(), (req, _res, next) => {
      req.body = {
        get visitId() {
          throw new Error('a bug of the app');
        },
      };
      next();
    }).send({ visitId: 'v' });
    expect([trapped.status, trapped.text]).toEqual([500, 'a bug of the app']);
  });

  it('within 16 KiB by its length may have longer JSON', async () => {
    const body = `{"visitId":"v","other":[${Array(2500).fill('1e20').join()}]}`;
    expect(JSON.stringify(JSON.parse(body)).length).toBeGreaterThan(LIMIT);
    const response = await put(express.json())
      .type('json')
      .serialize((sent) => sent)
      .send(body as never);
    expectSession(response, 201, { visitId: 'v' });
  });

  it('in chunks is 413 as soon as it is too long, not at its end', async () => {
    const { port } = await listen(express().use(createSessionRouter()));
    for (const encoding of ['identity', 'gzip']) {
      const headers = [`Content-Encoding: ${encoding}`, 'Transfer-Encoding: chunked'];
      const size = 20_000;
      // The last chunk, which would say that this is all, never comes.
      const chunk = `${size.toString(16)}\r\n${'\x1f\x8b\x08'.padEnd(size, '\0')}\r\n`;
      const bytes = Buffer.from(chunk, 'latin1');
      expectError(
        await rawRequest(port, requestBytes('PUT /sessions/new', headers, bytes)),
        413,
        'body_too_large',
      );
    }
  });

  it('without bytes is nothing sent, whatever its encoding is', async () => {
    expectSession(await put().set({ 'Content-Length': '0', 'Content-Encoding': 'rot13' }), 201, {});
  });
});

describe('on HTTP/2', () => {
  /** A PUT whose body, if there is one, has a length only if it is a header. */
  async function put(headers: http2.OutgoingHttpHeaders, chunks: readonly (string | Buffer)[] = []) {
    const router = createSessionRouter();
    const server = http2.createServer((req, res) => router(req as never, res as never, () => res.end()));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const client = http2.connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    onTestFinished(() => {
      client.destroy();
      server.close();
    });
    const stream = client.request(
      { ':method': 'PUT', ':path': '/sessions/new', ...headers },
      { endStream: chunks.length === 0 },
    );
    for (const chunk of chunks) stream.write(chunk);
    const [head] = await once(stream.end(), 'response', { signal: AbortSignal.timeout(5000) });
    let body = '';
    for await (const text of stream.setEncoding('utf8')) body += text;
    return { status: head[':status'] as number, headers: head, body };
  }

  const type = { 'content-type': 'application/json' };

  it('a body needs no Content-Length', async () => {
    expectSession(await put(type, ['{"visitId":', '"v"}']), 201, { visitId: 'v' });
    const gzip = { ...type, 'content-encoding': 'gzip' };
    expectSession(await put(gzip, [gzipSync('{"visitId":"v"}')]), 201, { visitId: 'v' });
  });

  it('may have one', async () => {
    expectSession(await put({ ...type, 'content-length': '15' }, ['{"visitId":"v"}']), 201, { visitId: 'v' });
  });

  it('nothing sent is nothing sent', async () => {
    for (const headers of [{}, type, { 'content-type': 'text/plain' }, { 'content-encoding': 'gzip' }])
      expectSession(await put(headers), 201, {});
    for (const chunk of ['', '{}'])
      expectSession(await put({ 'content-type': 'text/plain' }, [chunk]), 201, {});
    expectSession(await put({ 'content-length': '0' }), 201, {});
  });

  it('the errors are the same', async () => {
    expectError(await put({}, ['{"visitId":"v"}']), 415, 'unsupported_media_type');
    expectError(await put(type, ['{"visitId"']), 400, 'invalid_json');
    expectError(await put(type, ['[]']), 400, 'invalid_body');
    expectError(await put(type, ['x'.repeat(LIMIT), 'x']), 413, 'body_too_large');
    const gzip = { ...type, 'content-encoding': 'gzip' };
    expectError(await put(gzip, [gzipSync(' '.repeat(LIMIT + 1))]), 413, 'body_too_large');
    expectError(await put(gzip, ['no gzip']), 400, 'invalid_json');
  });
});
