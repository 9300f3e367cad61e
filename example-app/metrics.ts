import { subscribe, tracingChannel, unsubscribe } from 'node:diagnostics_channel';
import type { StoreCallContext } from 'express-session-info';
import { Counter, Histogram, Registry } from 'prom-client';

export interface Metrics {
  /** What `/metrics` shows: `registry.contentType` and `await registry.metrics()`. */
  readonly registry: Registry;
  /** Ends the subscriptions. */
  stop(): void;
}

/** Counts what happens to sessions and measures the calls to the store, for every router and middleware of the process. */
export function createMetrics(): Metrics {
  const registry = new Registry();
  const sessions = new Counter({
    name: 'session_events_total',
    help: 'Sessions created, updated and deleted, IDs without a live session, and IDs that were ignored',
    labelNames: ['event'],
    registers: [registry],
  });
  const failures = new Counter({
    name: 'session_store_failures_total',
    help: 'Calls that the session store failed, or did not respond to in time',
    registers: [registry],
  });
  const calls = new Histogram({
    name: 'session_store_call_seconds',
    help: 'How long a call to the session store took',
    labelNames: ['method', 'outcome'],
    buckets: [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1],
    registers: [registry],
  });

  const listeners = new Map<string, () => void>([['store.failed', () => failures.inc()]]);
  for (const event of ['created', 'updated', 'deleted', 'not-found', 'ignored']) {
    sessions.inc({ event }, 0);
    listeners.set(`session.${event}`, () => sessions.inc({ event }));
  }

  const started = new WeakMap<StoreCallContext, number>();
  const store = tracingChannel<StoreCallContext>('express-session-info:store');
  const trace = {
    start: (call: StoreCallContext) => void started.set(call, performance.now()),
    end() {},
    asyncStart() {},
    asyncEnd(call: StoreCallContext & { error?: unknown }) {
      const outcome = 'error' in call ? 'failed' : 'succeeded';
      const seconds = (performance.now() - (started.get(call) ?? Number.NaN)) / 1000;
      if (seconds >= 0) calls.observe({ method: call.method, outcome }, seconds);
    },
    error() {},
  };

  for (const [name, listener] of listeners) subscribe(`express-session-info:${name}`, listener);
  store.subscribe(trace);
  return {
    registry,
    stop() {
      for (const [name, listener] of listeners) unsubscribe(`express-session-info:${name}`, listener);
      store.unsubscribe(trace);
    },
  };
}
