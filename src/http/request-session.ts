import type { IncomingMessage } from 'node:http';
import { warnOnce } from '../once-per-process.js';
import type { SessionInfo } from '../session-info.js';
import type { Awaitable, SessionStore } from '../session-store.js';
import { isPromiseLike } from '../store-calls/and-then.js';
import type { StoreGuard } from '../store-calls/store-guard.js';
import { type SessionError, sessionError } from './errors.js';
import { isInHook } from './hook-request.js';
import type { MiddlewareSettings, SessionSettings } from './session-options.js';

/** What the middleware knows about the session of a request. */
export type SessionState =
  /** The request carries no session ID. */
  | { readonly kind: 'none' }
  /** It carries two different ones. */
  | { readonly kind: 'ambiguous' }
  /** It carries something that is not a session ID. */
  | { readonly kind: 'malformed' }
  /** The ID is not that of a live session, or the session was ended. */
  | { readonly kind: 'unknown'; readonly sessionId: string }
  /** The store could not say. Without an ID: it could not create a session. */
  | { readonly kind: 'unavailable'; readonly sessionId: string | undefined; readonly error: SessionError }
  | { readonly kind: 'live'; readonly info: SessionInfo };

/** What the middleware with one store knows of a request. */
export interface RequestSession {
  readonly store: SessionStore;
  readonly guard: StoreGuard;
  settings: SessionSettings;
  state: SessionState;
  /** Whether attaching has counted as activity of the live session. */
  isActive: boolean;
  /** Settles, without an error, after the last call that is in progress. */
  lastCall: Promise<unknown> | undefined;
}

/** A request with what the middleware adds to it. */
type RequestWithSession = IncomingMessage & {
  sessionInfo?: SessionInfo | undefined;
  [SLOT]?: { readonly passed: RequestSession[]; current: RequestSession | undefined };
};

/** From the global registry: both builds of the package may handle one request. The number is the version of what the slot holds. */
const SLOT: unique symbol = Symbol.for('express-session-info.request.1') as never;

/** Notes that a request has reached a middleware, whose session is the current one from then on. */
export function enterSession(
  req: RequestWithSession,
  { store, guard, alone, following }: MiddlewareSettings,
): { readonly session: RequestSession; readonly isFound: boolean } {
  req[SLOT] ??= { passed: [], current: undefined };
  const slot = req[SLOT];
  const earlier = slot.passed.find((session) => session.store === store);
  const isFound = earlier !== undefined && following !== undefined;
  const settings = isFound ? { ...earlier.settings, ...following } : alone;
  const session = earlier ?? { store, guard, settings, state: NONE, isActive: false, lastCall: undefined };
  session.settings = settings;
  warnOfSharedName(slot.passed, session);
  if (!earlier) slot.passed.push(session);
  slot.current = session;
  setState(req, session, session.state);
  return { session, isFound };
}

const NONE: SessionState = { kind: 'none' };

/** The session of a request that passed the middleware. Throws an Error if it did not. `caller` is the function that needs it. */
export function currentSession(caller: string, req: RequestWithSession): RequestSession {
  const current = req[SLOT]?.current;
  if (current) return current;
  throw new Error(
    `${caller}: this request did not pass the middleware; mount attachSession(store) or createSessionRouter(store) before this route`,
  );
}

/** The only place that writes a state and `req.sessionInfo`. */
export function setState(req: RequestWithSession, session: RequestSession, state: SessionState): void {
  session.state = state;
  if (req[SLOT]?.current === session) req.sessionInfo = state.kind === 'live' ? state.info : undefined;
}

/** The ID of the session that a change applies to: a live one, or one of which the store could not say whether it is. */
export function targetId(state: SessionState): string | undefined {
  switch (state.kind) {
    case 'live':
      return state.info.sessionId;
    case 'unavailable':
      return state.sessionId;
    case 'none':
    case 'ambiguous':
    case 'malformed':
    case 'unknown':
      return undefined;
  }
}

/** The session, or the error with which the routes respond to such a request. */
export function sessionOrError(state: SessionState): SessionInfo | SessionError {
  switch (state.kind) {
    case 'live':
      return state.info;
    case 'none':
      return sessionError('invalid_session_id', 'A session ID is required');
    case 'ambiguous':
      return sessionError('ambiguous_header', 'The request has two different session IDs');
    case 'malformed':
      return sessionError('invalid_session_id');
    case 'unknown':
      return sessionError('session_not_found');
    case 'unavailable':
      return state.error;
  }
}

/**
 * Runs calls for one session of a request one after another, in their order. Synchronous if nothing is in progress and `call` is. Throws an
 * Error inside a hook of the same request, which would wait for itself.
 */
export function inTurn<Value>(
  req: IncomingMessage,
  session: RequestSession,
  call: () => Promise<Value>,
): Promise<Value>;
export function inTurn<Value>(
  req: IncomingMessage,
  session: RequestSession,
  call: () => Awaitable<Value>,
): Awaitable<Value>;
export function inTurn<Value>(
  req: IncomingMessage,
  session: RequestSession,
  call: () => Awaitable<Value>,
): Awaitable<Value> {
  if (isInHook(req)) throw new Error(IN_HOOK);
  const result = session.lastCall ? session.lastCall.then(call) : call();
  if (!isPromiseLike(result)) return result;
  const finished = () => {
    if (session.lastCall === settled) session.lastCall = undefined;
  };
  const settled = result.then(finished, finished) as Promise<unknown>;
  session.lastCall = settled;
  return result;
}

const IN_HOOK =
  'a hook such as generateId or identify called a function of the same request and would wait for itself; call it after the hook';

function warnOfSharedName(passed: readonly RequestSession[], { store, settings }: RequestSession): void {
  const name = settings.cookie?.settings.name;
  if (name === undefined) return;
  if (!passed.some((other) => other.store !== store && other.settings.cookie?.settings.name === name)) return;
  warnOnce(
    'SHARED_COOKIE_NAME',
    `A request passed two middlewares with different stores and one cookie name, "${name}": each replaces the other's cookie. ` +
      'Give each its own "name"',
  );
}
