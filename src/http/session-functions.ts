import type { IncomingMessage, ServerResponse } from 'node:http';
import { checkOptions, isBoolean } from '../check-options.js';
import type { AssociationChanges, SessionInfo } from '../session-info.js';
import type { Awaitable, SessionStore } from '../session-store.js';
import { isSessionError } from './errors.js';
import { parseChanges } from './input/associations.js';
import {
  currentSession,
  inTurn,
  type RequestSession,
  sessionOrError,
  setState,
  targetId,
} from './request-session.js';

/**
 * Returns the session of a request, which `requireSession()` before this route guarantees. Throws a SessionError if the request has no
 * live session, and an Error on a request that did not pass the middleware.
 */
export function getSession(req: IncomingMessage): SessionInfo {
  const session = sessionOrError(currentSession('getSession', req).state);
  if (isSessionError(session)) throw session;
  return session;
}

/**
 * Sets associations of the request's session and returns it; `req.sessionInfo` is current afterwards. `undefined` and `''` leave a member
 * unchanged, `null` removes it. Returns `undefined` if the request has no live session.
 *
 * Rejects with a SessionError: `invalid_field` for an unknown member or a wrong value, `store_unavailable`; with an Error on a request
 * that did not pass the middleware. Then nothing has changed in `req.sessionInfo`.
 */
export async function updateSession(
  req: IncomingMessage,
  associations: AssociationChanges,
): Promise<SessionInfo | undefined> {
  const session = currentSession('updateSession', req);
  const changes = parseChanges(associations);
  return changeSession(req, session, (store, sessionId) => store.update(sessionId, changes));
}

/**
 * Reads the request's session from the store again and returns it; `req.sessionInfo` is current afterwards. For WebSockets, streams and
 * long requests. Counts as activity unless `extend` is false. Returns `undefined` if the request has no live session any more.
 *
 * Rejects with a SessionError, `store_unavailable`, and with an Error on a request that did not pass the middleware.
 */
export async function reloadSession(
  req: IncomingMessage,
  options: { readonly extend?: boolean | undefined } = {},
): Promise<SessionInfo | undefined> {
  const session = currentSession('reloadSession', req);
  const { extend = true } = checkOptions('reloadSession', options, { extend: isBoolean });
  return changeSession(req, session, (store, sessionId) =>
    extend ? store.get(sessionId) : store.peek(sessionId),
  );
}

/**
 * Ends the request's session and returns whether it ended a live one. Removes the cookie from the browser if the response can still do
 * that; `req.sessionInfo` is `undefined` afterwards.
 *
 * Rejects with a SessionError, `store_unavailable`, and with an Error on a request that did not pass the middleware.
 */
export async function endSession(req: IncomingMessage, res: ServerResponse): Promise<boolean> {
  const session = currentSession('endSession', req);
  return inTurn(req, session, async () => {
    const sessionId = targetId(session.state);
    const ended = sessionId !== undefined && (await session.guard.run((store) => store.delete(sessionId)));
    if (sessionId !== undefined) setState(req, session, { kind: 'unknown', sessionId });
    session.settings.cookie?.clear(req, res);
    return ended;
  });
}

/** Makes a call that returns the session as it is afterwards. Without a session it does not call the store. */
function changeSession(
  req: IncomingMessage,
  session: RequestSession,
  call: (store: SessionStore, sessionId: string) => Awaitable<SessionInfo | undefined>,
): Promise<SessionInfo | undefined> {
  return inTurn(req, session, async () => {
    const sessionId = targetId(session.state);
    if (sessionId === undefined) return undefined;
    const info = await session.guard.run((store) => call(store, sessionId));
    setState(req, session, info ? { kind: 'live', info } : { kind: 'unknown', sessionId });
    return info;
  });
}
