import { channel, tracingChannel } from 'node:diagnostics_channel';
import { maskSessionId } from './session-id.js';
import type { Awaitable, SessionStore } from './session-store.js';

/** What is published about a session. */
export interface SessionEvent {
  /** The session ID, masked: see {@link maskSessionId}. */
  readonly session: string;
}

/** A session ID or cookie that attached no session, and would not have attached one that is live either. */
export interface IgnoredEvent {
  /** Where it was: an entry of the option `sources`. */
  readonly source: 'header' | 'cookie' | 'query' | 'function';
  /** `bad_signature`: a cookie of our name that is unsigned or forged. `ambiguous`: two different IDs. `malformed`: not a session ID. */
  readonly reason: 'bad_signature' | 'ambiguous' | 'malformed';
}

/** A failure of the store. */
export interface StoreFailureEvent {
  /** What the store threw, or why the package gave up on it. A driver's message may contain keys, and so session IDs. */
  readonly cause: unknown;
}

/** The context of the tracing channel `express-session-info:store`, around every call to a store. */
export interface StoreCallContext extends SessionEvent {
  /** The method that is called. */
  readonly method: keyof SessionStore;
}

/** The channels of `node:diagnostics_channel` that the package publishes on, each with the type of its messages. */
export interface SessionChannels {
  /** A session was created. */
  'express-session-info:session.created': SessionEvent;
  /** A session was updated. */
  'express-session-info:session.updated': SessionEvent;
  /** A session was ended. */
  'express-session-info:session.deleted': SessionEvent;
  /** A request identified no live session. */
  'express-session-info:session.not-found': SessionEvent;
  /** A session ID or cookie was ignored. */
  'express-session-info:session.ignored': IgnoredEvent;
  /** The store failed, returned an invalid value or did not respond in time. */
  'express-session-info:store.failed': StoreFailureEvent;
}

const events = {
  created: channel('express-session-info:session.created'),
  updated: channel('express-session-info:session.updated'),
  deleted: channel('express-session-info:session.deleted'),
  notFound: channel('express-session-info:session.not-found'),
};
const ignored = channel('express-session-info:session.ignored');
const storeFailed = channel('express-session-info:store.failed');
const storeCalls = tracingChannel<StoreCallContext>('express-session-info:store');

/** Publishes an event of a session. Costs a property read without a listener. */
export function publishSession(event: keyof typeof events, sessionId: string): void {
  const { [event]: target } = events;
  if (target.hasSubscribers) target.publish({ session: maskSessionId(sessionId) } satisfies SessionEvent);
}

/** Publishes that an ID or cookie was ignored. */
export function publishIgnored(source: IgnoredEvent['source'], reason: IgnoredEvent['reason']): void {
  if (ignored.hasSubscribers) ignored.publish({ source, reason } satisfies IgnoredEvent);
}

/** Publishes a failure of the store. */
export function publishStoreFailure(cause: unknown): void {
  if (storeFailed.hasSubscribers) storeFailed.publish({ cause } satisfies StoreFailureEvent);
}

/** Makes a call to a store, inside the tracing channel if it has a listener; the result is a promise then. */
export function traceStoreCall<Value>(
  method: keyof SessionStore,
  sessionId: string,
  call: () => Awaitable<Value>,
): Awaitable<Value> {
  return storeCalls.hasSubscribers ? traced({ method, session: maskSessionId(sessionId) }, call) : call();
}

/** The result is kept out of the traced promise, whose value Node would put into the context. */
async function traced<Value>(context: StoreCallContext, call: () => Awaitable<Value>): Promise<Value> {
  let result: Value | undefined;
  await storeCalls.tracePromise(async () => {
    result = await call();
  }, context);
  return result as Value;
}
