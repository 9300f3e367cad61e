import type { SessionAssociations, SessionInfo } from '../session-info.js';
import type { CheckedStore } from '../session-store-answers.js';
import type { Deadline } from '../session-store-guard.js';

/** What a POST came to: the session was there and is updated, or it was created, or neither. */
export interface UpdateOutcome {
  readonly updated?: SessionInfo | undefined;
  readonly created?: SessionInfo | undefined;
}

/**
 * `update`, else `create`, else again: between the two another request may create or end the session. Needs no upsert of the
 * store, and an update in flight can't revive a session that was ended. Rejects when a store keeps saying no to both.
 */
export async function updateOrCreate(
  store: CheckedStore,
  deadline: Deadline,
  sessionId: string,
  associations: SessionAssociations,
): Promise<UpdateOutcome> {
  for (let attempt = 0; attempt < MAX_ATTEMPTS && !deadline.passed; attempt++) {
    const updated = await store.update(sessionId, associations);
    if (updated) return { updated };
    if (deadline.passed) break;
    const created = await store.create(sessionId, associations);
    if (created) return { created };
  }
  throw new Error('the store neither updates nor creates the session');
}

/** `update` and nothing more, for hosts that do not let clients choose IDs. */
export async function updateOnly(
  store: CheckedStore,
  sessionId: string,
  associations: SessionAssociations,
): Promise<UpdateOutcome> {
  return { updated: await store.update(sessionId, associations) };
}

const MAX_ATTEMPTS = 10;
