import diagnostics, { type TracingChannelSubscribers } from 'node:diagnostics_channel';
import express from 'express';
import { describe, expect, it, onTestFinished } from 'vitest';
import {
  createMemoryStore,
  createSessionRouter,
  endSession,
  maskSessionId,
  renewSession,
  type SessionStore,
  type StoreCallContext,
} from '../../src/index.js';
import { showSession } from './hosts.js';
import { request } from './request.js';

const NAMES = ['session.created', 'session.updated', 'session.deleted', 'session.not-found', 'store.failed'];

/** All events from now to the end of the test, as [name, message]. */
function listenToAll(): [string, unknown][] {
  const events: [string, unknown][] = [];
  for (const name of NAMES) {
    const heard = (message: unknown) => void events.push([name, message]);
    diagnostics.subscribe(`express-session-info:${name}`, heard);
    onTestFinished(() => void diagnostics.unsubscribe(`express-session-info:${name}`, heard));
  }
  return events;
}

function traceAll(): { phase: string; context: StoreCallContext }[] {
  const calls: { phase: string; context: StoreCallContext }[] = [];
  const channel = diagnostics.tracingChannel<StoreCallContext>('express-session-info:store');
  const phases = ['start', 'end', 'asyncStart', 'asyncEnd', 'error'] as const;
  const heard = Object.fromEntries(
    phases.map((phase) => [
      phase,
      (context: StoreCallContext) => calls.push({ phase, context: { ...context } }),
    ]),
  ) as unknown as TracingChannelSubscribers<StoreCallContext>;
  channel.subscribe(heard);
  onTestFinished(() => void channel.unsubscribe(heard));
  return calls;
}

const app = (store: SessionStore = createMemoryStore()) =>
  express()
    .use(createSessionRouter(store, { allowDelete: true, acceptClientIds: true, cookie: { secret: 's' } }))
    .get('/login', (req, res, next) => void renewSession(req, res).then((info) => res.json(info), next))
    .get('/logout', (req, res, next) => void endSession(req, res).then((ended) => res.json(ended), next))
    .use(showSession);

describe('the channels', () => {
  it('tell what happened to sessions, in order, and name them masked', async () => {
    const events = listenToAll();
    const host = app();
    const { body } = await request(host).put('/sessions/new');
    const session = maskSessionId(body.sessionId);
    const path = `/sessions/${body.sessionId}`;
    await request(host).post(path);
    await request(host).get(path);
    const renewed = await request(host).get(`/login?sessionId=${body.sessionId}`);
    const other = maskSessionId(renewed.body.sessionId);
    await request(host).get(path);
    await request(host).get(`/elsewhere?sessionId=${body.sessionId}`);
    await request(host).post('/sessions/chosen');
    await request(host).delete('/sessions/chosen');
    await request(host).delete('/sessions/chosen');
    await request(host).get(`/logout?sessionId=${renewed.body.sessionId}`);
    expect(events).toEqual([
      ['session.created', { session }],
      ['session.updated', { session }],
      ['session.created', { session: other }],
      ['session.deleted', { session }],
      ['session.not-found', { session }],
      ['session.not-found', { session }],
      ['session.created', { session: maskSessionId('chosen') }],
      ['session.deleted', { session: maskSessionId('chosen') }],
      ['session.not-found', { session: maskSessionId('chosen') }],
      ['session.deleted', { session: other }],
    ]);
    expect(JSON.stringify(events)).not.toContain(body.sessionId);
  });

  it('tell why the store was unavailable', async () => {
    const events = listenToAll();
    const cause = new Error('connection refused');
    await request(app({ ...createMemoryStore(), get: () => Promise.reject(cause) })).get('/sessions/a');
    expect(events).toEqual([['store.failed', { cause }]]);
  });

  it('trace every call of a store, at once or with a promise, without its answer', async () => {
    const calls = traceAll();
    const memory = createMemoryStore();
    await request(app(memory)).put('/sessions/new').set('gkc_customerId', 'secret customer');
    await request(app({ ...memory, get: async () => undefined })).get('/sessions/a');
    const ofGet = { method: 'get', session: maskSessionId('a') };
    expect(calls.filter(({ context }) => context.method === 'get')).toEqual([
      { phase: 'start', context: ofGet },
      { phase: 'end', context: ofGet },
      { phase: 'asyncStart', context: expect.objectContaining(ofGet) },
      { phase: 'asyncEnd', context: expect.objectContaining(ofGet) },
    ]);
    expect(calls.map(({ context }) => context.method)).toContain('create');
    expect(JSON.stringify(calls)).not.toContain('secret customer');
  });

  it('trace a failure with its error', async () => {
    const calls = traceAll();
    const error = new Error('connection refused');
    const response = await request(
      app({
        ...createMemoryStore(),
        get: () => {
          throw error;
        },
      }),
    ).get('/sessions/a');
    expect(response.status).toBe(503);
    expect(calls.find(({ phase }) => phase === 'error')?.context).toMatchObject({ method: 'get', error });
  });
});

describe('maskSessionId', () => {
  it('tells sessions apart, and does not give them away', () => {
    expect(maskSessionId('a')).toMatch(/^[0-9a-f]{12}$/);
    expect(maskSessionId('a')).toBe(maskSessionId('a'));
    expect(maskSessionId('a')).not.toBe(maskSessionId('b'));
  });
});
