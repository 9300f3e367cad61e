import express from 'express';
import { describe, expect, it, onTestFinished } from 'vitest';
import { callIdentify, parseChanges } from '../../../src/http/input/associations.js';
import { createSessionRouter, type SessionRouterOptions } from '../../../src/index.js';
import { expectError, expectSession } from '../expect-response.js';
import { HOSTS, listen } from '../hosts.js';
import { rawRequest, requestBytes } from '../raw-request.js';
import { request } from '../request.js';

describe.each(HOSTS)('the headers of a request, on $name', ({ prefix, listener }) => {
  async function start(options?: SessionRouterOptions) {
    const { port } = await listen(listener(createSessionRouter(undefined, options)));
    return (line: string, headers: string[] = []) => {
      const [method, path] = line.split(' ');
      return rawRequest(port, requestBytes(`${method} ${prefix}${path}`, headers));
    };
  }

  const put = async (headers: string[], options?: SessionRouterOptions) =>
    (await start(options))('PUT /sessions/new', headers);

  it.each(['gkc_customerId', 'GKC_CUSTOMERID', 'gkc-customerId', 'Gkc-Customerid'])('%s', async (name) => {
    expectSession(await put([`${name}: c-1`]), 201, { customerId: 'c-1' });
  });

  it.each(['gkc_agentId', 'gkc-agentId'])('%s', async (name) => {
    expectSession(await put([`${name}: a-1`]), 201, { agentId: 'a-1' });
  });

  it.each([
    ['a repeated header', ['gkc_customerId: one', 'gkc_customerId: two']],
    ['both spellings', ['gkc_customerId: one', 'gkc-customerId: two']],
    ['letter case apart', ['gkc_customerId: one', 'gkc_customerId: ONE']],
  ])('%s with different values is 400 ambiguous_header', async (_, headers) => {
    expectError(
      await put(headers),
      400,
      'ambiguous_header',
      /^Header gkc_customerId is given twice with different values$/,
    );
    const ofAgent = headers.map((header) => header.replace('customer', 'agent'));
    expectError(
      await put(ofAgent),
      400,
      'ambiguous_header',
      /^Header gkc_agentId is given twice with different values$/,
    );
  });

  it.each([
    ['a repeated header', ['gkc_agentId: one, two', 'gkc_agentId: one, two']],
    ['both spellings', ['gkc_agentId: one, two', 'gkc-agentId: one, two']],
    ['an empty one beside it', ['gkc_agentId:', 'gkc_agentId: one, two', 'gkc-agentId: ']],
  ])('%s with the same value is that value', async (_, headers) => {
    expectSession(await put(headers), 201, { agentId: 'one, two' });
  });

  it('an ambiguous header changes nothing', async () => {
    const send = await start();
    await send('POST /sessions/s', ['gkc_customerId: one']);
    expectError(
      await send('POST /sessions/s', ['gkc_agentId: a', 'gkc_customerId: two', 'gkc-customerId: three']),
      400,
      'ambiguous_header',
    );
    expectSession(await send('GET /sessions/s'), 200, { sessionId: 's', customerId: 'one' });
  });

  it.each([
    ['UTF-8', Buffer.from('José Łódź 🙂').toString('latin1'), 'José Łódź 🙂'],
    ['Latin-1', 'José', 'José'],
    ['a comma', 'Smith, John', 'Smith, John'],
  ])('keep %s', async (_, sent, customerId) => {
    expectSession(await put([`gkc_customerId: ${sent}`]), 201, { customerId });
  });

  it.each([
    ['256 units', 'x'.repeat(256), 201],
    ['257 units', 'x'.repeat(257), 400],
    ['128 astral characters', Buffer.from('🙂'.repeat(128)).toString('latin1'), 201],
    ['129 astral characters', Buffer.from('🙂'.repeat(129)).toString('latin1'), 400],
    ['a tab inside', 'a\tb', 400],
    ['a C1 control character', Buffer.from('a\u0085b').toString('latin1'), 400],
  ])('may have 1 to 256 units without control characters: %s', async (_, value, status) => {
    const response = await put([`gkc_agentId: ${value}`]);
    if (status === 201) expect(response.status).toBe(201);
    else expectError(response, 400, 'invalid_field', /^gkc_agentId must /);
    const ofCustomer = await put([`gkc_customerId: ${value}`]);
    if (status === 201) expect(ofCustomer.status).toBe(201);
    else expectError(ofCustomer, 400, 'invalid_field', /^gkc_customerId must /);
  });

  it('are ignored with identify', async () => {
    const identify = () => ({ customerId: 'from-login', agentId: null });
    const headers = ['gkc_customerId: one', 'gkc-customerId: two', 'gkc_agentId: a'];
    expectSession(await put(headers, { identify }), 201, { customerId: 'from-login' });
    expectSession(await put(headers, { identify: async () => undefined }), 201, {});
  });
});

describe('the headers of a request', () => {
  it('are used as the app left them', async () => {
    const app = express().use((req, _res, next) => {
      delete req.headers.gkc_customerid;
      req.headers['gkc-agentid'] = 'from-the-app 🙂';
      next();
    });
    app.use(createSessionRouter());
    const response = await request(app)
      .put('/sessions/new')
      .set({ gkc_customerId: 'forged', 'gkc-agentId': 'forged' });
    expectSession(response, 201, { agentId: 'from-the-app 🙂' });
  });
});

describe('parseChanges', () => {
  it('leaves undefined and empty members out, and keeps null, which removes a member', () => {
    const changes = { agentId: 'a', customerId: null, visitId: '', globalVisitId: undefined };
    expect(parseChanges(changes)).toEqual({ agentId: 'a', customerId: null });
    expect(parseChanges({})).toEqual({});
  });

  it.each([{ sessionId: 's' }, { VisitId: 'v' }, JSON.parse('{"__proto__":"v"}'), { visit: undefined }])(
    'rejects an unknown member: %j',
    (changes) => {
      expect(() => parseChanges(changes)).toThrow(
        expect.objectContaining({
          code: 'invalid_field',
          status: 400,
          message: expect.stringMatching(
            / is not an association; use agentId, customerId, visitId, globalVisitId$/,
          ),
        }),
      );
    },
  );

  it('names at most 64 characters of an unknown member', () => {
    expect(() => parseChanges({ ['x'.repeat(65)]: 'v' })).toThrow(/^x{64} is not an association; use /);
  });

  it.each([undefined, null, 7, 'text', []])('rejects %j', (changes) => {
    expect(() => parseChanges(changes)).toThrow(
      expect.objectContaining({ code: 'invalid_field', message: 'the associations must be an object' }),
    );
  });

  it('rejects a wrong value', () => {
    expect(() => parseChanges({ visitId: 'a\n' })).toThrow(
      expect.objectContaining({
        code: 'invalid_field',
        message: 'visitId must not contain control characters',
      }),
    );
  });

  it('reads each member once', () => {
    let reads = 0;
    const changes = {
      get visitId() {
        return reads++ === 0 ? 'v' : 7;
      },
    };
    expect(parseChanges(changes)).toEqual({ visitId: 'v' });
  });

  it('reads own members only', () => {
    class User {
      readonly agentId = 'a';
      get customerId() {
        return 'c';
      }
    }
    expect(parseChanges(new User())).toEqual({ agentId: 'a' });
  });
});

describe('callIdentify', () => {
  const identityOf = (identity: unknown) => callIdentify({} as never, () => identity as never);

  it('takes nothing, null and empty members for "not known"', async () => {
    for (const identity of [undefined, null, {}, { agentId: null, customerId: '' }, Promise.resolve()])
      expect(await identityOf(identity)).toStrictEqual({});
    expect(await identityOf({ agentId: 'a', visitId: 'v' })).toStrictEqual({ agentId: 'a' });
  });

  it.each([
    [7, 'it is not an object'],
    ['c-1', 'it is not an object'],
    [['c-1'], 'it is not an object'],
    [{ customerId: 7 }, 'customerId must be a string'],
    [{ agentId: 'a\0' }, 'agentId must not contain control characters'],
  ])('rejects %j with a TypeError', async (identity, problem) => {
    await expect(identityOf(identity)).rejects.toThrow(
      new TypeError(`option "identify" must return { agentId, customerId } or undefined: ${problem}`),
    );
  });
});

describe('a polluted Object.prototype', () => {
  const pollute = (members: Record<string, unknown>) => {
    for (const [name, value] of Object.entries(members))
      Object.defineProperty(Object.prototype, name, { value, configurable: true, writable: true });
    onTestFinished(() => {
      for (const name of Object.keys(members)) delete (Object.prototype as Record<string, unknown>)[name];
    });
  };

  it('shows in no identity, body or change', async () => {
    pollute({ agentId: 'evil', customerId: 'evil', visitId: 'evil', globalVisitId: 'evil' });
    expect(Object.keys(parseChanges({ agentId: 'a' }))).toEqual(['agentId']);
    expect(Object.keys(await callIdentify({} as never, () => ({ agentId: 'a' })))).toEqual(['agentId']);
    const app = express().use(express.json(), createSessionRouter());
    const response = await request(app).put('/sessions/new').set('gkc_agentId', 'a').send({ other: 1 });
    expectSession(response, 201, { agentId: 'a' });
  });

  it('shows in no header of the request', async () => {
    const app = express().use(createSessionRouter(undefined, { cookie: { secret: 's' } }));
    const { port } = await listen(app);
    pollute({
      gkc_agentid: 'evil',
      gkc_sessionid: 'evil',
      'content-length': '99999',
      cookie: 'connect.sid=s%3A.',
    });
    const response = await rawRequest(port, requestBytes('PUT /sessions/new', ['gkc_customerId: c']));
    expectSession(response, 201, { customerId: 'c' });
  });

  it('shows in no option', async () => {
    pollute({
      domain: 'evil.example',
      path: '/evil',
      maxAge: 5,
      sameSite: 'none',
      generateId: () => 'evil',
      authorize: () => false,
      allowDelete: true,
      storeTimeout: 'evil',
    });
    const app = express().use(createSessionRouter(undefined, { cookie: { secret: 's' } }));
    const response = await request(app).put('/sessions/new');
    expectSession(response, 201, { sessionId: expect.stringMatching(/^[0-9a-f-]{36}$/) as never });
    expect(response.headers['set-cookie']?.[0]).toMatch(/^connect\.sid=[^;]+; Path=\/; HttpOnly$/);
    expectError(await request(app).delete(`/sessions/${response.body.sessionId}`), 405, 'method_not_allowed');
  });
});
