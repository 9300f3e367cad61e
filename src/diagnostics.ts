import { channel, tracingChannel } from 'node:diagnostics_channel';
import { maskSessionId } from './session-id.js';
import type { Awaitable, SessionStore } from './session-store.js';

/**
 * What the channels `express-session-info:session.created`, `….updated`, `….deleted` and `….not-found` of
 * `node:diagnostics_channel` publish.
 */
export interface SessionEvent {
  /** The session, masked: see {@link maskSessionId}. */
  readonly session: string;
}

/** What the channel `express-session-info:store.failed` publishes. */
export interface StoreFailureEvent {
  /** What the store threw, or why the package gave up on it. A driver's message may hold keys, and so session IDs. */
  readonly cause: unknown;
}

/** The context of the tracing channel `express-session-info:store`, around every call of a store. */
export interface StoreCallContext extends SessionEvent {
  /** The method that is called. */
  readonly method: keyof SessionStore;
}

const channels = {
  created: channel('express-session-info:session.created'),
  updated: channel('express-session-info:session.updated'),
  deleted: channel('express-session-info:session.deleted'),
  notFound: channel('express-session-info:session.not-found'),
};
const storeFailed = channel('express-session-info:store.failed');
const storeCalls = tracingChannel<StoreCallContext>('express-session-info:store');

/** Publishes an event of a session. Costs a property read when nobody listens. */
export function publishSession(event: keyof typeof channels, sessionId: string): void {
  const { [event]: target } = channels;
  if (target.hasSubscribers) target.publish({ session: maskSessionId(sessionId) } satisfies SessionEvent);
}

/** Publishes that the store failed, answered nonsense or did not answer in time. */
export function publishStoreFailure(cause: unknown): void {
  if (storeFailed.hasSubscribers) storeFailed.publish({ cause } satisfies StoreFailureEvent);
}

/** Runs a call of a store, within the tracing channel when somebody listens; its answer is a promise then. */
export function traceStoreCall<Value>(
  method: keyof SessionStore,
  sessionId: string,
  call: () => Awaitable<Value>,
): Awaitable<Value> {
  return storeCalls.hasSubscribers ? traced({ method, session: maskSessionId(sessionId) }, call) : call();
}

/** The answer is kept out of the promise that is traced, whose value Node would put into the context. */
async function traced<Value>(context: StoreCallContext, call: () => Awaitable<Value>): Promise<Value> {
  let answer: Value | undefined;
  await storeCalls.tracePromise(async () => {
    answer = await call();
  }, context);
  return answer as Value;
}
