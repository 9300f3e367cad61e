import type { IncomingMessage, ServerResponse } from 'node:http';
import { publishSession } from '../diagnostics.js';
import type { Awaitable } from '../session-store.js';
import { andThen, isPromiseLike } from '../store-calls/and-then.js';
import { isStoreUnavailable } from '../store-calls/store-unavailable-error.js';
import { mayAutoCreate } from './auto-create.js';
import { canSetCookie } from './cookie/response-cookies.js';
import { callIdentify } from './input/associations.js';
import type { LocatedId } from './input/session-id-sources.js';
import { createSession } from './new-session.js';
import { enterSession, inTurn, type RequestSession, setState, targetId } from './request-session.js';
import type { MiddlewareSettings } from './session-options.js';

/**
 * Finds the session of a request, for one middleware: locates the ID, reads the store, and sets the state. With `autoCreate` it may create
 * one. Returns synchronously if the store does. Throws or rejects with what the app's own functions throw; that the store is unavailable is a
 * state.
 */
export function findSession(
  req: IncomingMessage,
  res: ServerResponse,
  own: MiddlewareSettings,
): Awaitable<RequestSession> {
  const { session, isFound } = enterSession(req, own);
  if (!isFound) return inTurn(req, session, () => andThen(locateAndRead(req, res, session), () => session));
  if (isActiveEnough(session)) return session;
  return inTurn(req, session, () => andThen(readTarget(req, session), () => session));
}

/** Whether an earlier middleware has counted the activity that this one is to count. */
function isActiveEnough({ isActive, settings }: RequestSession): boolean {
  return isActive || !settings.extend;
}

function readTarget(req: IncomingMessage, session: RequestSession): Awaitable<void> {
  const sessionId = targetId(session.state);
  if (sessionId !== undefined) return readSession(req, session, sessionId, () => undefined);
}

function locateAndRead(req: IncomingMessage, res: ServerResponse, session: RequestSession): Awaitable<void> {
  const { state } = session;
  const located = session.settings.locate(req, res);
  if (located.kind !== 'located') {
    setState(req, session, located);
    return createIfNone(req, res, session, located);
  }
  const { sessionId } = located;
  // An earlier middleware with the same store has read it.
  const isRead = state.kind === 'live' && state.info.sessionId === sessionId;
  if (isRead && isActiveEnough(session)) return undefined;
  return readSession(req, session, sessionId, () => createIfNone(req, res, session, located));
}

/** Sets the state to what the store says about an ID. */
function readSession(
  req: IncomingMessage,
  session: RequestSession,
  sessionId: string,
  otherwise: () => Awaitable<void>,
): Awaitable<void> {
  const { guard, settings } = session;
  setState(req, session, { kind: 'unknown', sessionId });
  return orUnavailable(req, session, sessionId, () =>
    andThen(
      guard.run((store) => (settings.extend ? store.get(sessionId) : store.peek(sessionId))),
      (info) => {
        if (!info) {
          publishSession('notFound', sessionId);
          return otherwise();
        }
        session.isActive = settings.extend;
        setState(req, session, { kind: 'live', info });
      },
    ),
  );
}

function createIfNone(
  req: IncomingMessage,
  res: ServerResponse,
  session: RequestSession,
  located: LocatedId,
): Awaitable<void> {
  const { autoCreate, cookie } = session.settings;
  if (!autoCreate || !cookie || !mayAutoCreate(req, res, cookie, located)) return undefined;
  return orUnavailable(req, session, undefined, async () => {
    const { identify } = session.settings;
    const identity = identify ? await callIdentify(req, identify) : {};
    const info = await createSession(req, { guard: session.guard, ...session.settings }, identity);
    // The app has responded meanwhile, by a timeout of its own: nobody will know the ID.
    if (!canSetCookie(res)) return void (await session.guard.run((store) => store.delete(info.sessionId)));
    session.isActive = true;
    setState(req, session, { kind: 'live', info });
    cookie.write(req, res, info.sessionId);
  });
}

function orUnavailable(
  req: IncomingMessage,
  session: RequestSession,
  sessionId: string | undefined,
  call: () => Awaitable<void>,
): Awaitable<void> {
  function failed(error: unknown): void {
    if (!isStoreUnavailable(error)) throw error;
    setState(req, session, { kind: 'unavailable', sessionId, error });
  }
  try {
    const result = call();
    return isPromiseLike(result) ? result.then(undefined, failed) : result;
  } catch (error) {
    failed(error);
  }
}
