import { expect, it } from 'vitest';
import { createMemoryStore, type SessionAction } from '../../src/index.js';
import { expectApiHeaders, expectError, expectSession } from '../http/expect-response.js';
import { type Seen, startHost } from './host.js';
import type { RunningProxy } from './proxy.js';
import { send, utf8 } from './send.js';

type StartProxy = (app: { port: number }) => Promise<RunningProxy>;

const json = { 'Content-Type': 'application/json' };

/** What holds behind every proxy that passes on requests and responses unchanged. */
export function passThroughCases(startProxy: StartProxy): void {
  async function start(...host: Parameters<typeof startHost>) {
    return startProxy(await startHost(...host));
  }

  it('serves the whole life of a session', async () => {
    const { url } = await start({ allowDelete: true });
    const visit = JSON.stringify({ visitId: 'v1', globalVisitId: 'g1' });
    const created = await send(url, 'PUT /sessions/new', { ...json, 'gkc-customerId': 'c1' }, visit);
    expectSession(created, 201, { customerId: 'c1', visitId: 'v1', globalVisitId: 'g1' });
    const path = created.headers.location ?? '';
    const { sessionId } = JSON.parse(created.body);
    expect(path).toBe(`/sessions/${sessionId}`);
    expect((await send(url, `POST ${path}`, { 'gkc-agentId': 'a1' })).status).toBe(200);
    const session = { sessionId, agentId: 'a1', customerId: 'c1', visitId: 'v1', globalVisitId: 'g1' };
    expectSession(await send(url, `GET ${path}`), 200, session);
    const host = await send(url, 'GET /host', { 'gkc-sessionId': sessionId });
    expect((JSON.parse(host.body) as Seen).sessionInfo).toMatchObject(session);
    const deleted = await send(url, `DELETE ${path}`);
    expect({ status: deleted.status, body: deleted.body }).toEqual({ status: 204, body: '' });
    expectApiHeaders(deleted);
    expectError(await send(url, `GET ${path}`), 404, 'session_not_found');
  });

  it('responds to HEAD as to GET, without the body', async () => {
    const { url } = await start();
    await send(url, 'POST /sessions/s1');
    const get = await send(url, 'GET /sessions/s1');
    const head = await send(url, 'HEAD /sessions/s1');
    expect(head).toMatchObject({ status: 200, body: '' });
    expectApiHeaders(head);
    expect(head.headers['content-length']).toBe(get.headers['content-length']);
  });

  it('takes nothing, an empty body and a body in chunks', async () => {
    const { url } = await start();
    const chunked = { ...json, 'Transfer-Encoding': 'chunked' };
    expectSession(await send(url, 'PUT /sessions/new'), 201, {});
    expectSession(await send(url, 'POST /sessions/s1'), 201, { sessionId: 's1' });
    for (const headers of [{}, json, chunked]) {
      expectSession(await send(url, 'PUT /sessions/new', headers, ''), 201, {});
    }
    const body = '{"visitId":"v1"}';
    expectSession(await send(url, 'PUT /sessions/new', chunked, body), 201, { visitId: 'v1' });
  });

  it('refuses a header that is given twice with different values', async () => {
    const { url } = await start();
    const twice = await send(url, 'PUT /sessions/new', { 'gkc-customerId': ['c1', 'c2'] });
    expectError(twice, 400, 'ambiguous_header', /gkc_customerId/);
    const same = await send(url, 'PUT /sessions/new', { 'gkc-customerId': ['c1', 'c1'] });
    expectSession(same, 201, { customerId: 'c1' });
    const comma = await send(url, 'PUT /sessions/new', { 'gkc-customerId': 'c1, c2' });
    expectSession(comma, 201, { customerId: 'c1, c2' });
  });

  it('keeps names with accents, in UTF-8 and in Latin-1', async () => {
    const { url } = await start();
    for (const customerId of [utf8('Zoë Łęcka'), 'Zoë']) {
      const answer = await send(url, 'PUT /sessions/new', { 'gkc-customerId': customerId });
      expect(JSON.parse(answer.body).customerId).toMatch(/^Zoë( Łęcka)?$/);
    }
  });

  it('takes the longest values of the API', async () => {
    const { url } = await start();
    const longest = '漢'.repeat(256);
    const sessionId = 's'.repeat(128);
    const headers = { 'gkc-customerId': utf8(longest), 'gkc-agentId': utf8(longest) };
    const answer = await send(url, `POST /sessions/${sessionId}`, headers);
    expectSession(answer, 201, { sessionId, agentId: longest, customerId: longest });
    const longer = await send(url, 'PUT /sessions/new', { 'gkc-customerId': 'c'.repeat(4096) });
    expectError(longer, 400, 'invalid_field');
  });

  it('passes 405 on, with Allow', async () => {
    const { url } = await start();
    for (const line of ['PATCH /sessions/s1', 'OPTIONS /sessions/s1', 'DELETE /sessions/s1']) {
      const answer = await send(url, line);
      expectError(answer, 405, 'method_not_allowed');
      expect(answer.headers.allow).toBe('GET, HEAD, POST');
    }
  });

  it('passes 415 on', async () => {
    const { url } = await start();
    const answer = await send(url, 'PUT /sessions/new', { 'Content-Type': 'text/plain' }, 'visit');
    expectError(answer, 415, 'unsupported_media_type');
  });

  it('passes 503 on, with Retry-After', async () => {
    const store = {
      ...createMemoryStore(),
      create() {
        throw new Error('the backend is down');
      },
    };
    const { url } = await start({}, { store });
    const answer = await send(url, 'PUT /sessions/new');
    expectError(answer, 503, 'store_unavailable');
    expect(answer.headers['retry-after']).toMatch(/^\d+$/);
  });

  it('carries the cookie both ways', async () => {
    const { url } = await start({ cookie: { secret: 'keyboard cat' } });
    const created = await send(url, 'PUT /sessions/new');
    expect(created.cookies).toHaveLength(1);
    const host = await send(url, 'GET /host', { Cookie: created.cookies[0]?.split(';')[0] });
    const { sessionInfo } = JSON.parse(host.body) as Seen;
    expect(sessionInfo?.sessionId).toBe(JSON.parse(created.body).sessionId);
  });

  it('passes on a path as the client sent it', async () => {
    const { url } = await start();
    const { sessionId } = JSON.parse((await send(url, 'POST /sessions/%61%7Eb')).body);
    expect(sessionId).toBe('a~b');
    for (const id of ['a%2Fb', 'a%20b', '%2e%2e', '%2E', '%4Eew']) {
      expectError(await send(url, `GET /sessions/${id}`), 400, 'invalid_session_id');
    }
    for (const path of ['//sessions/a~b', '/sessions//a~b', '/x/../sessions/a~b', '/sessions%2Fa~b']) {
      const answer = await send(url, `GET ${path}`);
      expect((JSON.parse(answer.body) as Seen).url).toBe(path);
    }
  });

  it('does not let a client name a header in Connection and so remove what counts', async () => {
    const { url } = await start();
    const headers = { Connection: 'close, gkc-customerId', 'gkc-customerId': 'c1' };
    expectSession(await send(url, 'PUT /sessions/new', headers), 201, { customerId: 'c1' });
  });
}

/** What holds where the connection to the app stays open: the app may respond before it has read the body. */
export function unreadBodyCases(startProxy: StartProxy): void {
  it.each([17, 900])(
    'passes on a response that the app sends without reading a body of %i KiB',
    async (kib) => {
      const authorize = (_req: unknown, { action }: SessionAction) => action !== 'update';
      const { url } = await startProxy(await startHost({ authorize }));
      const body = JSON.stringify({ visitId: 'v'.repeat(kib * 1024) });
      expectError(await send(url, 'PUT /sessions/new', json, body), 413, 'body_too_large');
      expectError(await send(url, 'POST /sessions/new', json, body), 405, 'method_not_allowed');
      expectError(await send(url, 'POST /sessions/s1', json, body), 403, 'forbidden');
      expectSession(await send(url, 'PUT /sessions/new'), 201, {});
    },
  );
}
