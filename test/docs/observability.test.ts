import { readFileSync } from 'node:fs';
import { Writable } from 'node:stream';
import { context, SpanStatusCode, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-base';
import express, { type Express } from 'express';
import pino, { type Logger } from 'pino';
import request from 'supertest';
import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { createMetrics } from '../../example-app/metrics.js';
import { createMemoryStore, createSessionRouter, maskSessionId, type SessionStore } from '../../src/index.js';
import { listen } from '../http/hosts.js';
import { cookieOf, secret, signedCookie } from '../http/signed-cookie.js';
import { block, rowsBelow } from './docs-pages.js';
import { runBlock, startBlock } from './run-block.js';

const PAGE = 'observability.md';

beforeEach(() => void vi.stubEnv('SESSION_SECRET', secret));

/** A memory store, except for the ID "broken". */
function createFailingStore(): SessionStore {
  const memory = createMemoryStore();
  const get = (id: string) =>
    id === 'broken'
      ? Promise.reject(Object.assign(new Error(`no key sess:${id}`), { code: 'EDOWN' }))
      : memory.get(id);
  return { ...memory, get };
}

/** What every recipe listens to. Returns the ID that PUT created. */
async function visit(url: string): Promise<string> {
  const { body } = await request(url).put('/sessions/new').set('gkc_customerId', 'customer-1');
  await request(url).post(`/sessions/${body.sessionId}`).send({ visitId: 'v' });
  await request(url).get(`/sessions/${body.sessionId}`);
  await request(url).get('/sessions/nobodys-session');
  return body.sessionId;
}

describe('the channels', () => {
  it('are named on the page as in the source', () => {
    const source = readFileSync(new URL('../../src/diagnostics.ts', import.meta.url), 'utf8');
    const names = [...source.matchAll(/hannel(?:<\w+>)?\('(express-session-info:[^']+)'\)/g)].map(
      (match) => match[1],
    );
    expect(names).toHaveLength(7);
    const [events, phases] = [rowsBelow(PAGE, '## Channels'), rowsBelow(PAGE, '## The tracing channel')];
    expect(events.map(([name = '']) => name.replaceAll('`', '')).sort()).toEqual(names.sort());
    expect(phases).toHaveLength(4);
  });

  it('are heard as the page shows', async () => {
    const { lines } = runBlock<{ lines: string[] }>(PAGE, 'listen');
    const { url } = await listen(express().use(createSessionRouter(createFailingStore())));
    const sessionId = await visit(url);
    await request(url).get('/?sessionId=a%20b');
    await request(url).get('/sessions/broken').expect(503);
    expect(lines).toEqual([
      `created ${maskSessionId(sessionId)}`,
      'ignored query: malformed',
      'store failed: Error',
    ]);
  });
});

describe('metrics', () => {
  it('are the file of the example, word for word', () => {
    const file = readFileSync(new URL('../../example-app/metrics.ts', import.meta.url), 'utf8');
    expect(block(PAGE, 'metrics').text).toBe(file);
  });

  it('are served as text, on a port of their own, and contain no session', async () => {
    const { url, exports } = await startBlock<{ monitoring: Express; stop(): void }>(PAGE, 'metrics-app');
    onTestFinished(exports.stop);
    const Cookie = cookieOf(await request(url).get('/'));
    const sessionId = /s%3A([\w-]+)\./.exec(Cookie)?.[1] ?? '';
    await request(url).get('/').set({ Cookie });
    await request(url)
      .get('/')
      .set({ Cookie: `${Cookie}x` });
    await request(url)
      .get('/')
      .set({ Cookie: signedCookie('nobodys-session') });
    const monitoring = await listen(exports.monitoring);
    const { text, headers } = await request(monitoring.url).get('/metrics').expect(200);
    expect((await request(url).get('/metrics')).status).toBe(404);
    expect(headers['content-type']).toMatch(/^text\/plain; version=0\.0\.4/);
    expect(text).toContain('session_events_total{event="created"} 3\n');
    expect(text).toContain('session_events_total{event="updated"} 0\n');
    expect(text).toContain('session_events_total{event="not-found"} 1\n');
    expect(text).toContain('session_events_total{event="ignored"} 1\n');
    expect(text).toContain('session_store_call_seconds_count{method="get",outcome="succeeded"} 2\n');
    expect(text).toContain('session_store_failures_total 0\n');
    for (const id of [sessionId, 'nobodys-session'])
      for (const shown of [id, maskSessionId(id)]) expect(text).not.toContain(shown);
  });

  it('count failures, and no more after stop()', async () => {
    const metrics = createMetrics();
    onTestFinished(metrics.stop);
    const { url } = await listen(express().use(createSessionRouter(createFailingStore())));
    await request(url).get('/sessions/broken').expect(503);
    const text = await metrics.registry.metrics();
    expect(text).toContain('session_store_failures_total 1\n');
    expect(text).toContain('session_store_call_seconds_count{method="get",outcome="failed"} 1\n');
    metrics.stop();
    await visit(url);
    expect(await metrics.registry.metrics()).toBe(text);
  });
});

describe('spans', () => {
  it('are created for the calls to the store, below the span of the request', async () => {
    const exporter = new InMemorySpanExporter();
    const provider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });
    trace.setGlobalTracerProvider(provider);
    context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
    const stop = runBlock<{ traceSessionStores(): () => void }>(PAGE, 'spans').traceSessionStores();
    onTestFinished(async () => {
      stop();
      trace.disable();
      context.disable();
      await provider.shutdown();
    });

    const app = express();
    app.use((req, res, next) => {
      trace.getTracer('app').startActiveSpan(`HTTP ${req.method}`, (span) => {
        res.on('finish', () => span.end());
        next();
      });
    });
    app.use(createSessionRouter(createFailingStore()));
    const { url } = await listen(app);
    const sessionId = await visit(url);
    await request(url).get('/sessions/broken').expect(503);

    const spans = exporter.getFinishedSpans();
    const ofStore = spans.filter(({ name }) => name.startsWith('session store'));
    expect(ofStore.map(({ name }) => name)).toEqual(
      ['create', 'update', 'get', 'get', 'get'].map((method) => `session store ${method}`),
    );
    for (const span of ofStore) {
      const parent = spans.find((each) => each.spanContext().spanId === span.parentSpanContext?.spanId);
      expect(parent?.name).toMatch(/^HTTP /);
    }
    expect(ofStore[0]?.attributes).toEqual({ 'session.masked_id': maskSessionId(sessionId) });
    const failed = ofStore.filter(({ status }) => status.code === SpanStatusCode.ERROR);
    expect(failed.map(({ attributes }) => attributes)).toEqual([
      { 'session.masked_id': maskSessionId('broken'), 'error.type': 'Error' },
    ]);
    const exported = JSON.stringify(
      spans.map(({ name, attributes, events, status }) => [name, attributes, events, status]),
    );
    expect(exported).not.toContain(sessionId);
    expect(exported).not.toContain('sess:');
  });
});

describe('log lines', () => {
  it('identify the session by its mask', async () => {
    const lines: string[] = [];
    const stream = new Writable({
      write(chunk, _encoding, done) {
        lines.push(String(chunk));
        done();
      },
    });
    type Exports = { createApp(logger: Logger, store: SessionStore, secret: string): Express };
    const { createApp } = runBlock<Exports>(PAGE, 'logging');
    const store = createFailingStore();
    await store.create('visitor', {});
    const { url } = await listen(createApp(pino({ base: null, timestamp: false }, stream), store, secret));
    await request(url).get('/articles/a1').set('Cookie', signedCookie('visitor')).expect(200);
    await request(url).get('/articles/a2').expect(200);
    await request(url).get('/articles/a3').set('Cookie', signedCookie('broken')).expect(503);
    expect(lines.map((line) => JSON.parse(line))).toEqual([
      { level: 30, session: maskSessionId('visitor'), article: 'a1', msg: 'article read' },
      { level: 30, article: 'a2', msg: 'article read' },
      { level: 50, name: 'Error', code: 'EDOWN', msg: 'session store failed' },
    ]);
    expect(lines.join('')).not.toContain('visitor');
  });
});
