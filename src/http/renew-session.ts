import type { IncomingMessage, ServerResponse } from 'node:http';
import {
  ASSOCIATION_NAMES,
  type AssociationChanges,
  mergeAssociations,
  ownMember,
  type SessionAssociations,
  type SessionInfo,
} from '../session-info.js';
import type { Awaitable, SessionStore } from '../session-store.js';
import type { Deadline } from '../store-calls/store-guard.js';
import { canSetCookie, isClosed } from './cookie/response-cookies.js';
import { parseChanges } from './input/associations.js';
import { createWithNewId } from './new-session.js';
import { currentSession, inTurn, type RequestSession, setState, targetId } from './request-session.js';

/**
 * Gives the visitor a session with a new ID, as a login must (session fixation), and returns it. The associations of the request's live
 * session carry over, with `associations` applied, and its old ID stops working; nothing carries over from a session of another customer
 * than `associations.customerId`. Without a live session the new one starts empty. The cookie, if there is one, and `req.sessionInfo`
 * are current afterwards. Pass only associations from credentials that you have just checked.
 *
 * Rejects with a SessionError (`invalid_field`, `store_unavailable`), with what `generateId` throws, with an Error if the response can
 * no longer carry the cookie, because it has begun or the client has gone, and on a request that did not pass the middleware. If the
 * store does not confirm the end of the old session, the request and the cookie keep the new one.
 */
export async function renewSession(
  req: IncomingMessage,
  res: ServerResponse,
  associations: AssociationChanges = {},
): Promise<SessionInfo> {
  const session = currentSession('renewSession', req);
  const changes = parseChanges(associations);
  return inTurn(req, session, () => replaceSession(req, res, session, changes));
}

/**
 * Gives a request a session with a new ID and ends the old one, if there is one. The new one is created first: if the store fails before
 * the end, the visitor still has the old session, and if it does not confirm that the old one has ended, the new one. Nobody is left with a
 * session whose ID will not be sent. Rejects if it fails in whole or in part; state and cookie are current in any case.
 */
async function replaceSession(
  req: IncomingMessage,
  res: ServerResponse,
  session: RequestSession,
  changes: AssociationChanges,
): Promise<SessionInfo> {
  const { cookie, generateId } = session.settings;
  const canSend = () => !cookie || canSetCookie(res);
  const oldId = targetId(session.state);
  if (!canSend()) throw tooLate(res);
  return createWithNewId(req, generateId, async (newId) => {
    if (newId === oldId) return undefined;
    if (!canSend()) throw tooLate(res);
    const renewal: Renewal = { oldId, newId, changes, canSend, oldEnded: false };
    const error = await failureOf(() =>
      session.guard.run((store, deadline) => renew(store, deadline, renewal)),
    );
    if (renewal.oldEnded && oldId !== undefined)
      setState(req, session, { kind: 'unknown', sessionId: oldId });
    return handOver(req, res, session, renewal, error);
  });
}

/** Gives the request the new session, or takes it back if the visitor can't have it. `undefined` if its ID is taken. */
async function handOver(
  req: IncomingMessage,
  res: ServerResponse,
  session: RequestSession,
  { newId, created, renewed, canSend }: Renewal,
  error: unknown,
): Promise<SessionInfo | undefined> {
  // In one turn with the state and the cookie: nothing can begin the response in between.
  if (!renewed || !canSend()) {
    if (created) await failureOf(() => session.guard.run((store) => store.delete(newId)));
    else if (error === undefined) return undefined;
    throw error ?? tooLate(res);
  }
  session.isActive = true;
  setState(req, session, { kind: 'live', info: renewed });
  session.settings.cookie?.write(req, res, newId);
  if (error !== undefined) throw error;
  return renewed;
}

/** What a renewal is to do, and what it has done so far, also if it fails or takes too long. */
interface Renewal {
  readonly oldId: string | undefined;
  readonly newId: string;
  readonly changes: AssociationChanges;
  readonly canSend: () => boolean;
  /** The session with the new ID. */
  created?: SessionInfo | undefined;
  /** The same, once the visitor may have it. */
  renewed?: SessionInfo | undefined;
  /** Whether the old session is no longer live. */
  oldEnded: boolean;
}

async function renew(store: SessionStore, deadline: Deadline, renewal: Renewal): Promise<void> {
  const { oldId, newId, changes, canSend } = renewal;
  const old = oldId === undefined ? undefined : await store.get(oldId);
  if (deadline.passed) return;
  renewal.oldEnded = !old;
  const carried = old && isSameCustomer(old, changes) ? old : undefined;
  const created = await store.create(newId, mergeAssociations(carried ?? {}, changes));
  if (created && deadline.passed) return void (await store.delete(newId));
  renewal.created = created;
  if (!created || !canSend()) return;
  renewal.renewed = created;
  if (!old) return;
  const ended = await store.delete(old.sessionId);
  renewal.oldEnded = true;
  if (ended || !carried) return;
  // Somebody else has ended the old session, by a logout or a login of their own: what it was associated with has ended, too. This holds
  // after the deadline as well, when the visitor has the new session already.
  renewal.renewed = undefined;
  const emptied = await store.update(newId, withoutCarried(carried, changes));
  renewal.renewed =
    emptied ?? (deadline.passed ? undefined : await store.create(newId, mergeAssociations({}, changes)));
}

/** What a call throws or rejects with: a StoreUnavailableError. `undefined` if it succeeds. */
async function failureOf(call: () => Awaitable<unknown>): Promise<unknown> {
  try {
    await call();
  } catch (error) {
    return error;
  }
}

function isSameCustomer(old: SessionInfo, { customerId }: AssociationChanges): boolean {
  return old.customerId === undefined || typeof customerId !== 'string' || old.customerId === customerId;
}

function withoutCarried(carried: SessionAssociations, changes: AssociationChanges): AssociationChanges {
  const names = ASSOCIATION_NAMES.filter(
    (name) => ownMember(carried, name) !== undefined && changes[name] === undefined,
  );
  return Object.fromEntries(names.map((name) => [name, null]));
}

function tooLate(res: ServerResponse): Error {
  return new Error(
    isClosed(res)
      ? 'renewSession: the client has closed the connection, so it cannot get the cookie'
      : 'renewSession: call it before the response begins; it sets the cookie',
  );
}
