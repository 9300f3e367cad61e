import { createMemoryStore } from 'express-session-info';
import { beforeAll, describe, expect, it } from 'vitest';
import openapi from '../../src/openapi.json' with { type: 'json' };
import { type RunningExample, START_LIMIT, startExample } from './example.js';
import { serveExample } from './serve-example.js';

const BROWSER = 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8';

let example: RunningExample;

beforeAll(async () => {
  example = await startExample();
  return example.stop;
}, START_LIMIT);

const get = (path: string, headers: Record<string, string> = {}, { url }: { url: string } = example) =>
  fetch(url + path, { headers, signal: AbortSignal.timeout(20_000) });

describe('the start page of the portal', () => {
  it('is a page for a browser, which begins the session of its visitor', async () => {
    const answer = await get('/', { accept: BROWSER });
    expect(answer.headers.get('content-type')).toMatch(/^text\/html/);
    expect(answer.headers.get('vary')).toContain('Accept');
    expect(answer.headers.get('cache-control')).toBe('private, no-cache');
    expect(answer.headers.getSetCookie()).toEqual([expect.stringContaining('connect.sid=')]);
  });

  it.each(['*/*', 'application/json', 'text/plain'])(
    'lists the routes for clients that accept %s',
    async (accept) => {
      const answer = await get('/', { accept });
      expect(answer.status).toBe(200);
      expect(await answer.json()).toMatchObject({ desk: ['GET /desk/{sessionId}'] });
    },
  );

  it('has the address of the page among the first lines that npm start prints', () => {
    expect(example.output()).toContain('Open it in a browser');
  });
});

describe('the files of the pages', () => {
  it.each(['/', '/desk.html', '/reference.html', '/main.js', '/base.css'])(
    '%s has a strict policy',
    async (path) => {
      const { status, headers } = await get(path, { accept: BROWSER });
      const policy = headers.get('content-security-policy') ?? '';
      expect(status).toBe(200);
      expect(policy).toMatch(/^default-src 'none'; script-src 'self'; style-src 'self';/);
      expect(policy).not.toContain('unsafe');
      expect(headers.get('x-content-type-options')).toBe('nosniff');
    },
  );

  it('create no session', async () => {
    expect((await get('/desk.html')).headers.getSetCookie()).toEqual([]);
  });

  it('include the OpenAPI document of the package', async () => {
    expect(await (await get('/openapi.json')).json()).toEqual(openapi);
  });
});

describe('/desk/{sessionId}/live', () => {
  it('says what became of a session', async () => {
    const live = async (id: string) => (await get(`/desk/${id}/live`)).json();
    const first = await get('/articles');
    const cookie = String(first.headers.getSetCookie()[0]?.split(';')[0]);
    const { sessionInfo } = (await first.json()) as { sessionInfo: object };
    const idOf = (value: string) => String(/=s%3A(.*?)\./.exec(value)?.[1]);
    const oldId = idOf(cookie);
    expect(await live(oldId)).toEqual({
      state: 'live',
      session: { ...sessionInfo, sessionId: oldId },
      requests: [{ at: expect.any(String), request: 'GET /articles' }],
      others: [],
    });

    const login = await fetch(`${example.url}/login`, {
      method: 'POST',
      headers: { cookie, 'content-type': 'application/json' },
      body: '{"customerId":"customer-1"}',
    });
    const renewed = String(login.headers.getSetCookie()[0]?.split(';')[0]);
    const sessionId = idOf(renewed);
    expect(await live(oldId)).toEqual({ state: 'renewed', sessionId });
    const session = { sessionId, customerId: 'customer-1' };
    expect(await live(sessionId)).toMatchObject({ state: 'live', session, requests: [{}, {}] });
    await fetch(`${example.url}/logout`, { method: 'POST', headers: { cookie: renewed } });
    expect(await live(sessionId)).toEqual({ state: 'ended', by: 'logout' });
    expect(await live('a b')).toEqual({ state: 'gone' });
  });
});

describe('/metrics', () => {
  it('counts sessions and the calls of the store', async () => {
    await get('/articles');
    const answer = await get('/metrics');
    expect(answer.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
    expect(answer.headers.getSetCookie()).toEqual([]);
    const text = await answer.text();
    expect(text).toMatch(/^session_events_total\{event="created"\} [1-9]/m);
    expect(text).toMatch(/^session_store_call_seconds_count\{method="create",outcome="succeeded"\} [1-9]/m);
  });

  it('is for services when SERVICE_KEY is set, and so is the desk', async () => {
    const guarded = { url: await serveExample({ store: createMemoryStore(), serviceKey: 'a-key' }) };
    const authorization = 'Bearer a-key';
    for (const path of ['/metrics', '/desk/nobody/live']) {
      expect((await get(path, {}, guarded)).status).toBe(403);
      expect((await get(path, { authorization }, guarded)).status).toBe(200);
    }
    expect((await get('/', { accept: BROWSER }, guarded)).status).toBe(200);
  });
});
