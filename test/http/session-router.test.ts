import express from 'express';
import { beforeEach, describe, expect, it } from 'vitest';
import { createMemoryStore, createSessionRouter, type SessionRouterOptions } from '../../src/index.js';
import { expectApiHeaders, expectError, expectSession } from './expect-answer.js';
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
    it('creates a session with a server-made ID and says where it is', async () => {
      const answer = await call('put', '/sessions/new');
      expectSession(answer, 201, { sessionId: expect.stringMatching(UUID) as never });
      expect(answer.headers.location).toBe(`${prefix}/sessions/${answer.body.sessionId}`);
      expect(answer.body.createdAt).toBe(answer.body.updatedAt);
      expectSession(await request(listening).get(answer.headers.location as string), 200, {
        sessionId: answer.body.sessionId,
      });
    });

    it('associates the headers and the body, in the order of the wire format', async () => {
      const answer = await call('put', '/sessions/new')
        .set({ gkc_agentId: 'a', gkc_customerId: 'c' })
        .send({ globalVisitId: 'g', visitId: 'v' });
      expectSession(answer, 201, { agentId: 'a', customerId: 'c', visitId: 'v', globalVisitId: 'g' });
      expect(Object.keys(answer.body)).toEqual([
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

    it('not under a percent-encoded name, which what guards the path would not see', async () => {
      const answer = await call('put', '/sessions/%6eew');
      expectError(answer, 405, 'method_not_allowed');
      expect(answer.headers.allow).toBe('GET, HEAD, POST');
      expectError(await call('get', '/sessions/%4Eew'), 400, 'invalid_session_id');
      expectError(await call('post', '/sessions/ne%77'), 400, 'invalid_session_id');
    });

    it('never makes the same ID twice', async () => {
      const made = await Promise.all(Array.from({ length: 20 }, () => call('put', '/sessions/new')));
      expect(new Set(made.map((answer) => answer.body.sessionId)).size).toBe(20);
    });
  });

  describe('GET /sessions/{sessionId}', () => {
    it('reads a session', async () => {
      const created = await call('put', '/sessions/new').set('gkc_customerId', 'c').send({ visitId: 'v' });
      const answer = await call('get', `/sessions/${created.body.sessionId}`);
      expectSession(answer, 200, created.body);
    });

    it('answers 404 "Session not found" for an unknown one', async () => {
      expectError(
        await call('get', `/sessions/${freshId()}`),
        404,
        'session_not_found',
        /^Session not found$/,
      );
    });

    it('takes the two headers and changes nothing', async () => {
      const created = await call('put', '/sessions/new').set('gkc_customerId', 'c');
      const path = `/sessions/${created.body.sessionId}`;
      const answer = await call('get', path).set({ gkc_customerId: 'other', gkc_agentId: 'a' });
      expectSession(answer, 200, created.body);
      expectSession(await call('get', path), 200, created.body);
    });

    it('HEAD answers the same without a body', async () => {
      const { body } = await call('put', '/sessions/new');
      const answer = await call('head', `/sessions/${body.sessionId}`);
      expectApiHeaders(answer);
      expect(answer.status).toBe(200);
      expect(answer.headers['content-length']).toBe(String(JSON.stringify(body).length));
      expect(answer.text).toBeFalsy();
      const missing = await call('head', `/sessions/${freshId()}`);
      expect(missing.status).toBe(404);
      expectApiHeaders(missing);
    });

    it('takes IDs by the letter', async () => {
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
    it('associates what was sent with a session that exists: 200', async () => {
      const { body } = await call('put', '/sessions/new').set('gkc_customerId', 'c').send({ visitId: 'v' });
      const answer = await call('post', `/sessions/${body.sessionId}`)
        .set('gkc_agentId', 'a')
        .send({ visitId: 'v2', globalVisitId: 'g' });
      expectSession(answer, 200, {
        sessionId: body.sessionId,
        agentId: 'a',
        customerId: 'c',
        visitId: 'v2',
        globalVisitId: 'g',
      });
      expect(answer.headers.location).toBeUndefined();
      expect(answer.body.createdAt).toBe(body.createdAt);
      expectSession(await call('get', `/sessions/${body.sessionId}`), 200, answer.body);
    });

    it('creates a session that does not exist: 201 and Location', async () => {
      const sessionId = freshId();
      const answer = await call('post', `/sessions/${sessionId}`)
        .set('gkc_customerId', 'c')
        .send({ visitId: 'v' });
      expectSession(answer, 201, { sessionId, customerId: 'c', visitId: 'v' });
      expect(answer.headers.location).toBe(`${prefix}/sessions/${sessionId}`);
      expectSession(await call('post', `/sessions/${sessionId}`), 200, {
        sessionId,
        customerId: 'c',
        visitId: 'v',
      });
    });

    it('loses nothing that it does not name', async () => {
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

    it('answers one 201 to many at the same time', async () => {
      const path = `/sessions/${freshId()}`;
      const answers = await Promise.all(Array.from({ length: 20 }, () => call('post', path)));
      expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
      expect(answers.filter(({ status }) => status === 200)).toHaveLength(19);
    });

    it('with acceptClientIds: false answers 404 for an unknown ID and creates nothing', async () => {
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

  describe('DELETE /sessions/{sessionId}', () => {
    it('is 405 unless allowed', async () => {
      const { body } = await call('put', '/sessions/new');
      const answer = await call('delete', `/sessions/${body.sessionId}`);
      expectError(answer, 405, 'method_not_allowed');
      expect(answer.headers.allow).toBe('GET, HEAD, POST');
      expectSession(await call('get', `/sessions/${body.sessionId}`), 200, {});
    });

    it('with allowDelete ends the session: 204, then 404', async () => {
      start({ allowDelete: true });
      const { body } = await call('put', '/sessions/new');
      const path = `/sessions/${body.sessionId}`;
      const answer = await call('delete', path);
      expect(answer.status).toBe(204);
      expect(answer.text).toBe('');
      expectApiHeaders(answer);
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
        const answer = await call(method, `/sessions/${word}`);
        expect(answer.status).toBe(405);
        expect(answer.headers.allow).toBe('PUT');
        expectApiHeaders(answer);
        if (method !== 'head') expectError(answer, 405, 'method_not_allowed');
      },
    );

    it.each(['put', 'patch', 'options'] as const)('%s on a session is 405 with Allow', async (method) => {
      const answer = await call(method, `/sessions/${freshId()}`);
      expectError(answer, 405, 'method_not_allowed');
      expect(answer.headers.allow).toBe('GET, HEAD, POST');
      start({ allowDelete: true });
      expect((await call(method, `/sessions/${freshId()}`)).headers.allow).toBe('GET, HEAD, POST, DELETE');
    });
  });

  describe('session IDs in a path', () => {
    const malformed = [
      'a%20b',
      'a%2Fb',
      'a%00',
      '%zz',
      '%',
      '%C3%A9',
      'a$b',
      'a:b',
      'a,b',
      'a%25',
      'x'.repeat(129),
    ];
    it.each(malformed)('%s is 400 invalid_session_id', async (id) => {
      start({ allowDelete: true });
      const { port } = await listen(listening);
      for (const method of ['GET', 'POST', 'DELETE']) {
        expectError(
          await rawRequest(port, requestBytes(`${method} ${prefix}/sessions/${id}`)),
          400,
          'invalid_session_id',
        );
      }
    });

    it.each(['.', '..', '%2e', '%2E%2e'])('%s is 400: no URL can name it', async (id) => {
      const { port } = await listen(listening);
      expectError(
        await rawRequest(port, requestBytes(`POST ${prefix}/sessions/${id}`)),
        400,
        'invalid_session_id',
      );
    });

    it.each(['x'.repeat(128), 'A-Za.z0_9~', '0', '-', '...', '__proto__', 'constructor', 'news', 'renew'])(
      '%s is fine',
      async (id) => {
        expectSession(await call('post', `/sessions/${id}`), 201, { sessionId: id });
        expectSession(await call('get', `/sessions/${id}`), 200, { sessionId: id });
      },
    );
  });

  describe('any other path', () => {
    it.each(['/', '/sessions', '/sessions/', '/sessions/a/b', '/session/a', '/sessionsa'])(
      '%s falls through to the host',
      async (path) => {
        const answer = await call('get', path);
        expect(answer.status).toBe(200);
        expect(JSON.parse(answer.text)).toEqual({ sessionInfo: null });
      },
    );

    it('falls through with req.sessionInfo when the request names a live session', async () => {
      const { body } = await call('put', '/sessions/new').set('gkc_customerId', 'c');
      const answer = await call('get', '/articles').set('gkc_sessionId', body.sessionId);
      expect(JSON.parse(answer.text)).toEqual({ sessionInfo: body });
    });
  });
});

describe('createSessionRouter', () => {
  it('is tested on the Express of this test project', () => {
    // app.del was removed in Express 5.
    expect('del' in express.application).toBe(process.env.EXPRESS_MAJOR === '4');
    const router = createSessionRouter();
    expect(router instanceof express.Router || Object.getPrototypeOf(router) === express.Router).toBe(true);
  });

  it('keeps its sessions in memory when it gets no store', async () => {
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

  it('never makes a host name of a mount path in Location', async () => {
    const app = express().use(/^\/.*?(?=\/sessions)/, createSessionRouter());
    const { port } = await listen(app);
    for (const slashes of ['//', '///', '/\\', '/\\/']) {
      const answer = await rawRequest(port, requestBytes(`PUT ${slashes}evil.example/sessions/new`));
      expect(answer.status).toBe(201);
      expect(answer.headers.location).toMatch(/^\/evil\.example\/sessions\//);
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
