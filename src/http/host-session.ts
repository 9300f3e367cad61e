import type { IncomingMessage, ServerResponse } from 'node:http';
import {
  type AssociationsInput,
  parseAssociations,
  type SessionAssociations,
  type SessionInfo,
} from '../session-info.js';
import type { CheckedStore } from '../store-calls/checked-store.js';
import type { Deadline } from '../store-calls/store-guard.js';
import { freshId, idTaken } from './new-session.js';
import {
  currentSessionId,
  type RequestWithSession,
  requestContext,
  setCurrentSession,
} from './request-context.js';
import type { SessionSettings } from './session-options.js';

/**
 * Associates more with the session of a request, and answers it; `req.sessionInfo` is current afterwards. Members that are
 * `undefined`, `null` or `''` stay as they are. Answers `undefined` when the request has no live session.
 *
 * Rejects with an InvalidAssociationError for a value that the API does not take, with a StoreUnavailableError (`status`
 * 503), and with an Error on a request that never passed the middleware. On each of these nothing has changed in
 * `req.sessionInfo`.
 */
export async function updateSession(
  req: IncomingMessage,
  associations: AssociationsInput,
): Promise<SessionInfo | undefined> {
  const { guard } = contextOf('updateSession', req);
  const named = parseAssociations(associations);
  const sessionId = currentSessionId(req);
  if (sessionId === undefined) return undefined;
  const updated = await guard.run((store) => store.update(sessionId, named));
  // The host may have renewed or ended the session meanwhile.
  if (currentSessionId(req) === sessionId) setCurrentSession(req, updated);
  return updated;
}

/**
 * Gives the session of a request a new ID, as it must be after a login (session fixation), and answers it. The session keeps
 * its associations, with `associations` in place of its own, and starts its life anew; the old ID is dead. The cookie, when
 * there is one, names the new ID, and `req.sessionInfo` is current. Answers `undefined` when the request has no live session.
 *
 * Rejects as {@link updateSession} does, with what `generateId` throws, and with an Error when the cookie can't be set any more
 * because the response has begun. What another request associates with the old ID while this call runs can be lost.
 */
export async function renewSession(
  req: IncomingMessage,
  res: ServerResponse,
  associations: AssociationsInput = {},
): Promise<SessionInfo | undefined> {
  const context = contextOf('renewSession', req);
  checkCookieCanBeSet('renewSession', res, context);
  const named = parseAssociations(associations);
  const oldId = currentSessionId(req);
  if (oldId === undefined) return undefined;
  const newId = await freshId(req, context.generateId);
  const canTell = () => !isTooLate(res, context);
  const { renewed, isTaken } = await context.guard.run((store, deadline) =>
    renew(store, deadline, canTell, { oldId, newId, named }),
  );
  if (isTaken) throw idTaken(context.generateId);
  checkCookieCanBeSet('renewSession', res, context);
  if (renewed) context.cookie?.write(req, res, renewed.sessionId);
  setCurrentSession(req, renewed);
  return renewed;
}

/**
 * Ends the session of a request, and answers whether a live one was ended. The browser forgets the cookie, when there is one,
 * and `req.sessionInfo` is `undefined` afterwards.
 *
 * Rejects with a StoreUnavailableError, with an Error on a request that never passed the middleware, and with an Error when
 * the response has begun before the call, so that the cookie can't be cleared. When it begins during the call the session
 * ends all the same, and the cookie that stays names nothing.
 */
export async function endSession(req: IncomingMessage, res: ServerResponse): Promise<boolean> {
  const context = contextOf('endSession', req);
  checkCookieCanBeSet('endSession', res, context);
  const sessionId = currentSessionId(req);
  const ended = sessionId !== undefined && (await context.guard.run((store) => store.delete(sessionId)));
  // Once it has ended, a cookie that still names it does no harm.
  if (!res.headersSent) context.cookie?.clear(req, res);
  setCurrentSession(req, undefined);
  return ended;
}

/**
 * The new session is made first: when the store fails in between, the visitor still has the old one. When the old one was
 * ended meanwhile, the new one is ended too, so that a logout is not undone; and so it is after the deadline, or when the
 * response has begun, since nobody will be told its ID.
 */
async function renew(
  store: CheckedStore,
  deadline: Deadline,
  canTell: () => boolean,
  { oldId, newId, named }: { oldId: string; newId: string; named: SessionAssociations },
): Promise<{ renewed?: SessionInfo; isTaken?: boolean }> {
  const old = await store.get(oldId);
  if (!old || deadline.passed) return {};
  const renewed = await store.create(newId, { ...parseAssociations(old), ...named });
  if (!renewed) return { isTaken: true };
  const isReplaced = !deadline.passed && canTell() && (await store.delete(oldId));
  if (isReplaced && !deadline.passed && canTell()) return { renewed };
  await store.delete(newId);
  return {};
}

function contextOf(caller: string, req: RequestWithSession): SessionSettings {
  const context = requestContext(req);
  if (context) return context;
  throw new Error(
    `${caller}: this request did not pass the middleware; mount createSessionRouter(store) or attachSession(store) before this route`,
  );
}

function checkCookieCanBeSet(caller: string, res: ServerResponse, { cookie }: SessionSettings): void {
  if (isTooLate(res, { cookie }))
    throw new Error(`${caller}: call it before the response begins; it sets the cookie`);
}

function isTooLate(res: ServerResponse, { cookie }: Pick<SessionSettings, 'cookie'>): boolean {
  return cookie !== undefined && res.headersSent;
}
