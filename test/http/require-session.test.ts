import express from 'express';
import { describe, expect, it, vi } from 'vitest';
import {
  type AttachSessionOptions,
  attachSession,
  createMemoryStore,
  createSessionRouter,
  requireSession,
  type SessionStore,
} from '../../src/index.js';
import { expectError } from './expect-response.js';
import { listen, showSession } from './hosts.js';
import { failingStore } from './observed-store.js';
import { request } from './request.js';
import { secret, signedCookie } from './signed-cookie.js';

const sessionOf = ({ text }: { text: string }) => JSON.parse(text).sessionInfo;

describe('requireSession', () => {
  const start = async (options?: AttachSessionOptions, store: SessionStore = createMemoryStore()) => {
    const app = express().use(attachSession(store, options), requireSession(), showSession);
    return (path: string) => request(app).get(path);
  };

  it('passes on a request with a live session', async () => {
    const store = createMemoryStore();
    await store.create('live', {});
    const get = await start({}, store);
    expect(sessionOf(await get('/?sessionId=live'))).toMatchObject({ sessionId: 'live' });
  });

  it('responds 400 without an ID', async () => {
    const get = await start();
    for (const path of ['/', '/?sessionId=', '/?sessionId=0-0'])
      expectError(await get(path), 400, 'invalid_session_id', /^A session ID is required$/);
    for (const nothing of [undefined, null, '']) {
      const get = await start({ sources: [() => nothing] });
      expectError(await get('/'), 400, 'invalid_session_id', /required/);
    }
  });

  it('responds 400 to a malformed ID', async () => {
    const get = await start();
    expectError(await get('/?sessionId=mal%20formed'), 400, 'invalid_session_id', /must be 1 to 128/);
  });

  it('responds 400 to two different IDs', async () => {
    const get = await start();
    expectError(
      await get('/?sessionId=a&sessionId=b'),
      400,
      'ambiguous_header',
      /^The request has two different session IDs$/,
    );
    const byCookie = await start({ cookie: { secret } });
    const response = await byCookie('/').set('Cookie', `${signedCookie('a')}; ${signedCookie('b')}`);
    expectError(response, 400, 'ambiguous_header', /two different session IDs/);
  });

  it('responds 404 to an ID that is not that of a live session', async () => {
    const get = await start();
    expectError(await get('/?sessionId=unknown'), 404, 'session_not_found', /^Session not found$/);
  });

  it('responds 503 if the store failed and the request was passed on', async () => {
    const get = await start({ passOnStoreError: true }, failingStore());
    const response = await get('/?sessionId=live');
    expectError(response, 503, 'store_unavailable', /^Session store unavailable$/);
    expect(response.headers['retry-after']).toBe('1');
  });

  it('responds 503 if the store failed to create a session', async () => {
    const store = { ...failingStore(), get: () => undefined };
    const get = await start({ passOnStoreError: true, autoCreate: true, cookie: { secret } }, store);
    for (const cookie of ['', signedCookie('unknown')])
      expectError(await get('/').set('Cookie', cookie), 503, 'store_unavailable');
  });

  it('works after the router, and on bare node:http', async () => {
    const store = createMemoryStore();
    await store.create('live', {});
    const router = createSessionRouter(store);
    const required = requireSession();
    const { url } = await listen((req, res) =>
      router(req, res, () => required(req, res, () => showSession(req as never, res as never, () => {}))),
    );
    expect(sessionOf(await request(url).get('/?sessionId=live'))).toMatchObject({ sessionId: 'live' });
    expectError(await request(url).get('/?sessionId=unknown'), 404, 'session_not_found');
  });

  it('calls next with an error on a request that did not pass the middleware', () => {
    const next = vi.fn();
    requireSession()({} as never, {} as never, next);
    expect(next.mock.calls).toEqual([[expect.any(Error)]]);
    expect(next.mock.calls[0]?.[0].message).toMatch(
      /^requireSession: this request did not pass the middleware; mount attachSession\(store\)/,
    );
  });

  it('calls next with the error on an upgrade request, where the response is an empty object', () => {
    const req = { url: '/', headers: {} } as never;
    const next = vi.fn();
    attachSession(createMemoryStore())(req, {} as never, () => requireSession()(req, {} as never, next));
    expect(next.mock.calls).toEqual([[expect.objectContaining({ code: 'invalid_session_id', status: 400 })]]);
  });

  it('does nothing once you have responded, unless there is a session', () => {
    const res = { headersSent: true } as never;
    const next = vi.fn();
    requireSession()({} as never, res, next);
    const req = { url: '/?sessionId=unknown', headers: {} } as never;
    attachSession(createMemoryStore())(req, res, () => requireSession()(req, res, next));
    expect(next).not.toHaveBeenCalled();
  });
});
