import type { SessionAssociations, SessionInfo } from '../session-info.js';
import type { Awaitable } from '../session-store.js';
import { andThen } from '../store-calls/and-then.js';
import type { CheckedStore } from '../store-calls/checked-store.js';
import type { Deadline } from '../store-calls/store-guard.js';

/** What a POST came to: the session was there and is updated, or it was created, or neither. */
export interface UpdateOutcome {
  readonly updated?: SessionInfo | undefined;
  readonly created?: SessionInfo | undefined;
}

/**
 * `update`, else `create`, else again: between the two another request may create or end the session. Needs no upsert of the
 * store, and an update in flight can't revive a session that was ended. Fails when a store keeps saying no to both. Answers at
 * once when the store does, which spares a POST the timer of the deadline.
 */
export function updateOrCreate(
  store: CheckedStore,
  deadline: Deadline,
  sessionId: string,
  associations: SessionAssociations,
  attempts = MAX_ATTEMPTS,
): Awaitable<UpdateOutcome> {
  if (attempts === 0 || deadline.passed) throw new Error('the store neither updates nor creates the session');
  return andThen(store.update(sessionId, associations), (updated) => {
    if (updated) return { updated };
    if (deadline.passed) return {};
    return andThen(store.create(sessionId, associations), (created) =>
      created ? { created } : updateOrCreate(store, deadline, sessionId, associations, attempts - 1),
    );
  });
}

/** `update` and nothing more, for hosts that do not let clients choose IDs. */
export function updateOnly(
  store: CheckedStore,
  sessionId: string,
  associations: SessionAssociations,
): Awaitable<UpdateOutcome> {
  return andThen(store.update(sessionId, associations), (updated) => ({ updated }));
}

/** Two callers that post to an ID and two that end it can hold each other up now and then for ten. */
const MAX_ATTEMPTS = 100;
