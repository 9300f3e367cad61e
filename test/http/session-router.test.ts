import express from 'express';
import { beforeEach, describe, expect, it } from 'vitest';
import {
  createMemoryStore,
  createSessionRouter,
  type SessionAction,
  type SessionRouterOptions,
} from '../../src/index.js';
import { expectApiHeaders, expectError, expectSession } from './expect-response.js';
import { HOSTS, listen } from './hosts.js';
import { rawRequest, requestBytes } from './raw-request.js';
import { request } from './request.js';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

let ids = 0;
const freshId = () => `client-${process.pid}-${++ids}`;

describe.each(HOSTS)('the routes on $name', ({ prefix, listener }) => {
  let listening: ReturnType<typeof listener>;
  const start = (options?: SessionRouterOptions) => {
    listening = listener(createSessionRouter(createMemoryStore(), options));
  };
  const call = (method: 'get' | 'put' | 'post' | 'delete' | 'head' | 'patch' | 'options', path: string) =>
    request(listening)[method](prefix + path);

  beforeEach(() => start());

  describe('PUT /sessions/new', () => {
    it('creates a session with a server-generated ID and a Location', async () => {
      const response = await call('put', '/sessions/new');
      expectSession(response, 201, { sessionId: expect.stringMatching(UUID) as never });
      expect(response.headers.location).toBe(`${prefix}/sessions/${response.body.sessionId}`);
      expect(response.body.createdAt).toBe(response.body.updatedAt);
      expectSession(await request(listening).get(response.headers.location as string), 200, {
        sessionId: response.body.sessionId,
      });
    });

    it('associates the headers and the body, in the order of the wire format', async () => {
      const response = await call('put', '/sessions/new')
        .set({ gkc_agentId: 'a', gkc_customerId: 'c' })
        .send({ globalVisitId: 'g', visitId: 'v' });
      expectSession(response, 201, { agentId: 'a', customerId: 'c', visitId: 'v', globalVisitId: 'g' });
      expect(Object.keys(response.body)).toEqual([
        'sessionId',
        'agentId',
        'customerId',
        'visitId',
        'globalVisitId',
        'createdAt',
        'updatedAt',
      ]);
    });

    it.each(['/sessions/NEW', '/sessions/New/'])('also as %s', async (path) => {
      expectSession(await call('put', path), 201, {});
    });

    it('not under a percent-encoded name, which a guard of the path would not see', async () => {
      const response = await call('put', '/sessions/%6eew');
      expectError(response, 405, 'method_not_allowed');
      expect(response.headers.allow).toBe('GET, HEAD, POST');
      expectError(await call('get', '/sessions/%4Eew'), 400, 'invalid_session_id');
      expectError(await call('post', '/sessions/ne%77'), 400, 'invalid_session_id');
    });

    it('never generates the same ID twice', async () => {
      const created = await Promise.all(Array.from({ length: 20 }, () => call('put', '/sessions/new')));
      expect(new Set(created.map(({ body }) => body.sessionId)).size).toBe(20);
    });
  });

  describe('GET /sessions/{sessionId}', () => {
    it('reads a session', async () => {
      const created = await call('put', '/sessions/new').set('gkc_customerId', 'c').send({ visitId: 'v' });
      const response = await call('get', `/sessions/${created.body.sessionId}`);
      expectSession(response, 200, created.body);
    });

    it('responds with 404 "Session not found" to an unknown ID', async () => {
      expectError(
        await call('get', `/sessions/${freshId()}`),
        404,
        'session_not_found',
        /^Session not found$/,
      );
    });

    it('accepts the two headers and changes nothing', async () => {
      const created = await call('put', '/sessions/new').set('gkc_customerId', 'c');
      const path = `/sessions/${created.body.sessionId}`;
      const response = await call('get', path).set({ gkc_customerId: 'other', gkc_agentId: 'a' });
      expectSession(response, 200, created.body);
      expectSession(await call('get', path), 200, created.body);
    });

    it('HEAD has the same response without a body', async () => {
      const { body } = await call('put', '/sessions/new');
      const response = await call('head', `/sessions/${body.sessionId}`);
      expectApiHeaders(response);
      expect(response.status).toBe(200);
      expect(response.headers['content-length']).toBe(String(JSON.stringify(body).length));
      expect(response.text).toBeFalsy();
      const missing = await call('head', `/sessions/${freshId()}`);
      expect(missing.status).toBe(404);
      expectApiHeaders(missing);
    });

    it('compares IDs exactly', async () => {
      const sessionId = `${freshId()}-AbC._~`;
      await call('post', `/sessions/${sessionId}`);
      expectSession(await call('get', `/sessions/${sessionId}`), 200, { sessionId });
      expectError(await call('get', `/sessions/${sessionId.toLowerCase()}`), 404, 'session_not_found');
    });

    it('reads a percent-encoded ID as what it encodes', async () => {
      const sessionId = freshId();
      await call('post', `/sessions/${sessionId}`);
      expectSession(await call('get', `/sessions/%63${sessionId.slice(1)}`), 200, { sessionId });
    });
  });

  describe('POST /sessions/{sessionId}', () => {
    it('sets what was sent on a session that exists: 200', async () => {
      const { body } = await call('put', '/sessions/new').set('gkc_customerId', 'c').send({ visitId: 'v' });
      const response = await call('post', `/sessions/${body.sessionId}`)
        .set('gkc_agentId', 'a')
        .send({ visitId: 'v2', globalVisitId: 'g' });
      expectSession(response, 200, {
        sessionId: body.sessionId,
        agentId: 'a',
        customerId: 'c',
        visitId: 'v2',
        globalVisitId: 'g',
      });
      expect(response.headers.location).toBeUndefined();
      expect(response.body.createdAt).toBe(body.createdAt);
      expectSession(await call('get', `/sessions/${body.sessionId}`), 200, response.body);
    });

    it('creates a session that does not exist: 201 and Location', async () => {
      const sessionId = freshId();
      const response = await call('post', `/sessions/${sessionId}`)
        .set('gkc_customerId', 'c')
        .send({ visitId: 'v' });
      expectSession(response, 201, { sessionId, customerId: 'c', visitId: 'v' });
      expect(response.headers.location).toBe(`${prefix}/sessions/${sessionId}`);
      expectSession(await call('post', `/sessions/${sessionId}`), 200, {
        sessionId,
        customerId: 'c',
        visitId: 'v',
      });
    });

    it('removes nothing that it does not mention', async () => {
      const path = `/sessions/${freshId()}`;
      await call('post', path)
        .set({ gkc_agentId: 'a', gkc_customerId: 'c' })
        .send({ visitId: 'v', globalVisitId: 'g' });
      const all = { agentId: 'a', customerId: 'c', visitId: 'v', globalVisitId: 'g' };
      expectSession(await call('post', path), 200, all);
      expectSession(await call('post', path).send({}), 200, all);
      expectSession(await call('post', path).send({ visitId: null, globalVisitId: '' }), 200, all);
      expectSession(await call('post', path).set({ gkc_agentId: '', gkc_customerId: '' }), 200, all);
    });

    it('responds with one 201 to many at the same time', async () => {
      const path = `/sessions/${freshId()}`;
      const responses = await Promise.all(Array.from({ length: 20 }, () => call('post', path)));
      expect(responses.filter(({ status }) => status === 201)).toHaveLength(1);
      expect(responses.filter(({ status }) => status === 200)).toHaveLength(19);
    });

    it('with acceptClientIds: false responds with 404 to an unknown ID and creates nothing', async () => {
      start({ acceptClientIds: false });
      const path = `/sessions/${freshId()}`;
      expectError(await call('post', path).send({ visitId: 'v' }), 404, 'session_not_found');
      expectError(await call('get', path), 404, 'session_not_found');
      const { body } = await call('put', '/sessions/new');
      expectSession(await call('post', `/sessions/${body.sessionId}`).send({ visitId: 'v' }), 200, {
        visitId: 'v',
      });
    });
  });

  describe('extend', () => {
    /** A store in which every read is noted. */
    const startNoting = () => {
      const memory = createMemoryStore();
      const reads: string[] = [];
      const noted = <Method extends 'get' | 'peek'>(method: Method) => ({
        [method]: (sessionId: string) => {
          reads.push(method);
          return memory[method](sessionId);
        },
      });
      memory.create('live', {});
      listening = listener(createSessionRouter({ ...memory, ...noted('get'), ...noted('peek') }));
      return reads;
    };

    it('false does not count as activity: GET and HEAD', async () => {
      const reads = startNoting();
      expectSession(await call('get', '/sessions/live?extend=false'), 200, { sessionId: 'live' });
      expect((await call('head', '/sessions/live?extend=false')).status).toBe(200);
      expectSession(await call('get', '/sessions/live?x=1&%65xtend=false&extend=false#'), 200, {});
      expect(reads).toEqual(['peek', 'peek', 'peek']);
    });

    it('true is the default', async () => {
      const reads = startNoting();
      await call('get', '/sessions/live?extend=true');
      await call('get', '/sessions/live?extended=false');
      expect(reads).toEqual(['get', 'get']);
    });

    it('is ignored by PUT and POST', async () => {
      expectSession(await call('put', '/sessions/new?extend=maybe'), 201, {});
      expectSession(await call('post', `/sessions/${freshId()}?extend=maybe`), 201, {});
    });
  });

  describe('a placeholder ID', () => {
    const placeholders = ['00000000-0000-0000-0000-0000000000', '0', '-', '0'.repeat(128), '%30%2D'];

    it.each(placeholders)('POST to %s creates a session with a server-generated ID', async (id) => {
      start({ acceptClientIds: false, cookie: { secret: 's' } });
      const first = await call('post', `/sessions/${id}`).set('gkc_customerId', 'c').send({ visitId: 'v' });
      expectSession(first, 201, {
        sessionId: expect.stringMatching(UUID) as never,
        customerId: 'c',
        visitId: 'v',
      });
      expect(first.headers.location).toBe(`${prefix}/sessions/${first.body.sessionId}`);
      expect(first.headers['set-cookie']).toBeUndefined();
      const second = await call('post', `/sessions/${id}`);
      expect(second.body.sessionId).not.toBe(first.body.sessionId);
    });

    it('is asked for as a creation', async () => {
      const actions: SessionAction[] = [];
      start({ authorize: (_req, action) => actions.push(action) > 0 });
      await call('post', '/sessions/0-0');
      expect(actions).toEqual([{ action: 'create' }]);
    });

    it('is 404 for GET, HEAD and DELETE', async () => {
      start({ allowDelete: true });
      await call('post', '/sessions/0-0');
      expectError(await call('get', '/sessions/0-0'), 404, 'session_not_found');
      expectError(await call('get', '/sessions/0-0?extend=false'), 404, 'session_not_found');
      expect((await call('head', '/sessions/0-0')).status).toBe(404);
      expectError(await call('delete', '/sessions/0-0'), 404, 'session_not_found');
    });
  });

  describe('DELETE /sessions/{sessionId}', () => {
    it('is 405 unless allowed', async () => {
      const { body } = await call('put', '/sessions/new');
      const response = await call('delete', `/sessions/${body.sessionId}`);
      expectError(response, 405, 'method_not_allowed');
      expect(response.headers.allow).toBe('GET, HEAD, POST');
      expectSession(await call('get', `/sessions/${body.sessionId}`), 200, {});
    });

    it('with allowDelete ends the session: 204, then 404', async () => {
      start({ allowDelete: true });
      const { body } = await call('put', '/sessions/new');
      const path = `/sessions/${body.sessionId}`;
      const response = await call('delete', path);
      expect(response.status).toBe(204);
      expect(response.text).toBe('');
      expectApiHeaders(response);
      expectError(await call('get', path), 404, 'session_not_found');
      expectError(await call('delete', path), 404, 'session_not_found');
    });
  });

  describe('methods', () => {
    const onNew = ['get', 'head', 'post', 'delete', 'patch', 'options'] as const;
    it.each(onNew.flatMap((method) => ['new', 'NEW', 'nEw'].map((word) => [method, word] as const)))(
      '%s /sessions/%s is 405 with Allow: PUT',
      async (method, word) => {
        start({ allowDelete: true });
        const response = await call(method, `/sessions/${word}`);
        expect(response.status).toBe(405);
        expect(response.headers.allow).toBe('PUT');
        expectApiHeaders(response);
        if (method !== 'head') expectError(response, 405, 'method_not_allowed');
      },
    );

    it.each(['put', 'patch', 'options'] as const)('%s on a session is 405 with Allow', async (method) => {
      const response = await call(method, `/sessions/${freshId()}`);
      expectError(response, 405, 'method_not_allowed');
      expect(response.headers.allow).toBe('GET, HEAD, POST');
      start({ allowDelete: true });
      expect((await call(method, `/sessions/${freshId()}`)).headers.allow).toBe('GET, HEAD, POST, DELETE');
    });
  });

  describe('session IDs in a path', () => {
    it.each(['x'.repeat(128), 'A-Za.z0_9~', '0.', '-1', '...', '__proto__', 'constructor', 'news', 'renew'])(
      '%s is valid',
      async (id) => {
        expectSession(await call('post', `/sessions/${id}`), 201, { sessionId: id });
        expectSession(await call('get', `/sessions/${id}`), 200, { sessionId: id });
      },
    );
  });

  describe('any other path', () => {
    it.each(['/', '/sessions', '/sessions/', '/sessions/a/b', '/session/a', '/sessionsa'])(
      '%s is passed on to the app',
      async (path) => {
        const response = await call('get', path);
        expect(response.status).toBe(200);
        expect(JSON.parse(response.text)).toEqual({ sessionInfo: null });
      },
    );

    it('is passed on with req.sessionInfo if the request identifies a live session', async () => {
      const { body } = await call('put', '/sessions/new').set('gkc_customerId', 'c');
      const response = await call('get', '/articles').set('gkc_sessionId', body.sessionId);
      expect(JSON.parse(response.text)).toEqual({ sessionInfo: body });
    });
  });
});

describe('createSessionRouter', () => {
  it('takes the path that an app has rewritten, with a query or not', async () => {
    const app = express();
    app.use((req, _res, next) => {
      req.url = req.url.replace('/visits', '/sessions/new/');
      next();
    });
    app.use(createSessionRouter());
    expect((await request(app).put('/visits')).status).toBe(201);
    expect((await request(app).put('/visits?a=/b')).status).toBe(201);
    expect((await request(app).put('/sessions/%6Eew?a=/new')).status).toBe(405);
  });

  it('runs on the Express of this test project', () => {
    // app.del was removed in Express 5.
    expect('del' in express.application).toBe(process.env.EXPRESS_MAJOR === '4');
    const router = createSessionRouter();
    expect(router instanceof express.Router || Object.getPrototypeOf(router) === express.Router).toBe(true);
  });

  it('keeps its sessions in memory without a store', async () => {
    const app = express().use(createSessionRouter());
    const { body } = await request(app).put('/sessions/new');
    expectSession(await request(app).get(`/sessions/${body.sessionId}`), 200, {});
  });

  it('serves each mount from its own store', async () => {
    const app = express().use('/a', createSessionRouter()).use('/b', createSessionRouter());
    await request(app).post('/a/sessions/x');
    expectError(await request(app).get('/b/sessions/x'), 404, 'session_not_found');
  });

  it('writes Location below nested mounts and mounts with parameters', async () => {
    const inner = express.Router().use('/api', createSessionRouter());
    const app = express().use('/tenants/:tenant', inner);
    const { headers } = await request(app).put('/tenants/a%20b/api/sessions/new');
    expect(headers.location).toMatch(/^\/tenants\/a%20b\/api\/sessions\/[0-9a-f-]{36}$/);
    expectSession(await request(app).get(headers.location as string), 200, {});
  });

  it('never turns a mount path into the host of Location', async () => {
    const app = express().use(/^\/.*?(?=\/sessions)/, createSessionRouter());
    const { port } = await listen(app);
    for (const slashes of ['//', '///', '/\\', '/\\/']) {
      const response = await rawRequest(port, requestBytes(`PUT ${slashes}evil.example/sessions/new`));
      expect(response.status).toBe(201);
      expect(response.headers.location).toMatch(/^\/evil\.example\/sessions\//);
    }
  });

  it('runs in front of an app: (req, res) => router(req, res, () => app(req, res))', async () => {
    const router = createSessionRouter();
    const app = express().get('/who', (req, res) => void res.json(req.sessionInfo ?? null));
    const { url } = await listen((req, res) => router(req as never, res as never, () => app(req, res)));
    const created = await request(url).put('/sessions/new');
    expectSession(created, 201, {});
    const seen = await request(url).get('/who').query({ sessionId: created.body.sessionId });
    expect(seen.body).toEqual(created.body);
  });
});
