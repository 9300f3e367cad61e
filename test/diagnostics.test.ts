import diagnostics, { type TracingChannelSubscribers } from 'node:diagnostics_channel';
import { sign } from 'cookie-signature';
import express from 'express';
import { describe, expect, it, onTestFinished } from 'vitest';
import {
  attachSession,
  createMemoryStore,
  createSessionRouter,
  endSession,
  maskSessionId,
  renewSession,
  type SessionChannels,
  type SessionStore,
  type StoreCallContext,
} from '../src/index.js';
import { showSession } from './http/hosts.js';
import { request } from './http/request.js';

type EventName = keyof SessionChannels extends `express-session-info:${infer Name}` ? Name : never;

const NAMES: readonly EventName[] = [
  'session.created',
  'session.updated',
  'session.deleted',
  'session.not-found',
  'session.ignored',
  'store.failed',
];

/** All events from now to the end of the test, as [name, message]. */
function listenToAll(): [string, unknown][] {
  const events: [string, unknown][] = [];
  for (const name of NAMES) {
    const listener = (message: unknown) => void events.push([name, message]);
    diagnostics.subscribe(`express-session-info:${name}`, listener);
    onTestFinished(() => void diagnostics.unsubscribe(`express-session-info:${name}`, listener));
  }
  return events;
}

function traceAll(): { phase: string; context: StoreCallContext }[] {
  const calls: { phase: string; context: StoreCallContext }[] = [];
  const channel = diagnostics.tracingChannel<StoreCallContext>('express-session-info:store');
  const phases = ['start', 'end', 'asyncStart', 'asyncEnd', 'error'] as const;
  const listener = Object.fromEntries(
    phases.map((phase) => [
      phase,
      (context: StoreCallContext) => calls.push({ phase, context: { ...context } }),
    ]),
  ) as unknown as TracingChannelSubscribers<StoreCallContext>;
  channel.subscribe(listener);
  onTestFinished(() => void channel.unsubscribe(listener));
  return calls;
}

const secret = 'keyboard cat';
const cookie = { secret };

const app = (store: SessionStore = createMemoryStore()) =>
  express()
    .use(
      createSessionRouter(store, {
        allowDelete: true,
        cookie,
        sources: ['header', 'cookie', 'query'],
        authorize: () => true,
      }),
    )
    .get('/login', (req, res, next) => void renewSession(req, res).then((info) => res.json(info), next))
    .get('/logout', (req, res, next) => void endSession(req, res).then((ended) => res.json(ended), next))
    .use(showSession);

describe('the channels', () => {
  it('publish what happened to sessions, in order, with masked IDs', async () => {
    const events = listenToAll();
    const server = app();
    const { body } = await request(server).put('/sessions/new');
    const session = maskSessionId(body.sessionId);
    const path = `/sessions/${body.sessionId}`;
    await request(server).post(path);
    await request(server).get(path);
    const renewed = await request(server).get(`/login?sessionId=${body.sessionId}`);
    const other = maskSessionId(renewed.body.sessionId);
    await request(server).get(path);
    await request(server).get(`/elsewhere?sessionId=${body.sessionId}`);
    await request(server).post('/sessions/chosen');
    await request(server).delete('/sessions/chosen');
    await request(server).delete('/sessions/chosen');
    await request(server).get(`/logout?sessionId=${renewed.body.sessionId}`);
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

  it.each<
    [string, Record<string, string>, SessionChannels['express-session-info:session.ignored'] | undefined]
  >([
    ['/?sessionId=a&sessionId=b', {}, { source: 'query', reason: 'ambiguous' }],
    ['/?sessionId=a%20b', {}, { source: 'query', reason: 'malformed' }],
    ['/', { gkc_sessionId: 'a', 'gkc-sessionId': 'b' }, { source: 'header', reason: 'ambiguous' }],
    ['/', { gkc_sessionId: 'a/b' }, { source: 'header', reason: 'malformed' }],
    ['/', { cookie: 'connect.sid=s%3Aa.forged' }, { source: 'cookie', reason: 'bad_signature' }],
    ['/', { cookie: 'connect.sid=a' }, { source: 'cookie', reason: 'bad_signature' }],
    ['/', { cookie: 'connect.sid=a; connect.sid=b' }, { source: 'cookie', reason: 'ambiguous' }],
    ['/', { cookie: 'other=a' }, undefined],
    ['/?sessionId=', { gkc_sessionId: '0-0' }, undefined],
    ['/?sessionId=0', {}, undefined],
  ])('publish that %s with %j was ignored: %j', async (path, headers, expected) => {
    const events = listenToAll();
    await request(app()).get(path).set(headers);
    expect(events).toEqual(expected ? [['session.ignored', expected]] : []);
  });

  it('publish that an ID of a function was ignored', async () => {
    const events = listenToAll();
    const server = express().use(attachSession(createMemoryStore(), { sources: [() => 'a b'] }), showSession);
    await request(server).get('/');
    expect(events).toEqual([['session.ignored', { source: 'function', reason: 'malformed' }]]);
  });

  it('publish nothing about an unknown ID but that it was not found', async () => {
    const events = listenToAll();
    const signed = encodeURIComponent(`s:${sign('gone', secret)}`);
    await request(app()).get('/').set('Cookie', `connect.sid=${signed}`);
    expect(events).toEqual([['session.not-found', { session: maskSessionId('gone') }]]);
  });

  it('publish why the store was unavailable', async () => {
    const events = listenToAll();
    const cause = new Error('connection refused');
    await request(app({ ...createMemoryStore(), get: () => Promise.reject(cause) })).get('/sessions/a');
    expect(events).toEqual([['store.failed', { cause }]]);
  });

  it('trace every call to a store, with a value or a promise, but not what it returns', async () => {
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
