import type { IncomingMessage, ServerResponse } from 'node:http';
import {
  ASSOCIATION_NAMES,
  type AssociationChanges,
  type AssociationName,
  type SessionAssociations,
  type SessionInfo,
} from '../session-info.js';
import type { SessionStore } from '../session-store.js';
import type { Deadline, StoreGuard } from '../store-calls/store-guard.js';
import { canSetCookie } from './cookie/response-cookies.js';
import { idTaken, newSessionId } from './new-session.js';
import type { SessionSettings } from './session-options.js';

/** How a renewal ended. */
export interface Replacement {
  /** The new session, which the visitor has from now on. */
  readonly renewed?: SessionInfo;
  /** Whether the old session is no longer live. */
  readonly oldEnded?: boolean;
  /** Why the renewal failed, in whole or in part. */
  readonly error?: unknown;
}

/**
 * Creates a session with a new ID and ends the old one, if there is one. The new one is created first: if the store fails before the end,
 * the visitor still has the old session, and if it does not confirm that the old one has ended, the new one. Nobody is left with a session
 * whose ID will not be sent. Rejects if nothing has changed.
 */
export async function replaceSession(
  req: IncomingMessage,
  res: ServerResponse,
  { guard, settings }: { readonly guard: StoreGuard; readonly settings: SessionSettings },
  { oldId, changes }: { readonly oldId: string | undefined; readonly changes: AssociationChanges },
): Promise<Replacement> {
  const { cookie, generateId } = settings;
  const canSend = () => !cookie || canSetCookie(res);
  if (!canSend()) throw tooLate();
  const newId = await newSessionId(req, generateId);
  if (!canSend()) throw tooLate();

  const steps: Steps = { isTaken: false, renewed: undefined, oldEnded: false };
  let error: unknown;
  try {
    await guard.run((store, deadline) => replace(store, deadline, canSend, { oldId, newId, changes }, steps));
  } catch (thrown) {
    error = thrown;
  }
  if (steps.isTaken) throw idTaken(generateId);
  if (!steps.renewed && error !== undefined) throw error;
  if (steps.renewed && canSend()) return { ...steps, renewed: steps.renewed, error };
  if (steps.renewed) await guard.run((store) => store.delete(newId));
  return { oldEnded: steps.oldEnded, error: tooLate() };
}

/** What has been done so far. */
interface Steps {
  isTaken: boolean;
  renewed: SessionInfo | undefined;
  oldEnded: boolean;
}

async function replace(
  store: SessionStore,
  deadline: Deadline,
  canSend: () => boolean,
  { oldId, newId, changes }: { oldId: string | undefined; newId: string; changes: AssociationChanges },
  steps: Steps,
): Promise<void> {
  const old = oldId === undefined ? undefined : await store.get(oldId);
  if (deadline.passed) return;
  const carried = old && isSameCustomer(old, changes) ? old : undefined;
  const renewed = await store.create(newId, withChanges(carried, changes));
  steps.isTaken = renewed === undefined;
  if (!renewed) return;
  if (deadline.passed || !canSend()) return void (await store.delete(newId));
  steps.renewed = renewed;
  if (!old) return;
  const ended = await store.delete(old.sessionId);
  steps.oldEnded = true;
  // Somebody else has ended the old session, by a logout or a login of their own: what it was associated with has ended, too.
  if (!ended && carried && !deadline.passed) {
    steps.renewed = (await store.update(newId, withoutCarried(carried, changes))) ?? renewed;
  }
}

function isSameCustomer(old: SessionInfo, { customerId }: AssociationChanges): boolean {
  return old.customerId === undefined || typeof customerId !== 'string' || old.customerId === customerId;
}

function withChanges(old: SessionAssociations | undefined, changes: AssociationChanges): SessionAssociations {
  const associations: { -readonly [Name in AssociationName]?: string } = {};
  for (const name of ASSOCIATION_NAMES) {
    const value = changes[name] === undefined ? old?.[name] : changes[name];
    if (value !== undefined && value !== null) associations[name] = value;
  }
  return associations;
}

function withoutCarried(carried: SessionAssociations, changes: AssociationChanges): AssociationChanges {
  const names = ASSOCIATION_NAMES.filter(
    (name) => carried[name] !== undefined && changes[name] === undefined,
  );
  return Object.fromEntries(names.map((name) => [name, null]));
}

function tooLate(): Error {
  return new Error('renewSession: call it before the response begins; it sets the cookie');
}
