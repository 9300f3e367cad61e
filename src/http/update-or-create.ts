import type { SessionAssociations, SessionInfo } from '../session-info.js';
import type { Awaitable, SessionStore } from '../session-store.js';
import { andThen } from '../store-calls/and-then.js';
import type { Deadline } from '../store-calls/store-guard.js';

/** The session after a POST, and whether the POST created it. */
export interface UpdateOutcome {
  readonly info: SessionInfo;
  readonly isNew: boolean;
}

/**
 * `update`, else `create` if it may, else again: between the two another request may create or end the session. Needs no upsert of the store,
 * and an update in flight can't revive a session that was ended. Throws if a store keeps refusing both. Returns synchronously if the store
 * does, which spares a POST the timer of the deadline.
 */
export function updateOrCreate(
  store: SessionStore,
  deadline: Deadline,
  sessionId: string,
  associations: SessionAssociations,
  mayCreate: boolean,
  attempts = MAX_ATTEMPTS,
): Awaitable<UpdateOutcome | undefined> {
  if (attempts === 0 || deadline.passed) throw new Error('the store neither updates nor creates the session');
  return andThen(store.update(sessionId, associations), (updated) => {
    if (updated) return { info: updated, isNew: false };
    if (!mayCreate || deadline.passed) return undefined;
    return andThen(store.create(sessionId, associations), (created) =>
      created
        ? { info: created, isNew: true }
        : updateOrCreate(store, deadline, sessionId, associations, mayCreate, attempts - 1),
    );
  });
}

/** Two callers that post to an ID and two that end it can hold each other up now and then for ten. */
const MAX_ATTEMPTS = 100;
