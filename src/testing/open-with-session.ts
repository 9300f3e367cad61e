import type { SessionAssociations } from '../session-info.js';
import { freshSessionId, freshValue } from './fresh-names.js';
import { foundInTime, retryWhenStalled, waitPast } from './real-time.js';
import type { OpenStore, StoreUnderTest } from './run-case.js';
import { found } from './session-assertions.js';

/** Opens a store with a new session in it. */
export async function openWithSession(open: OpenStore, associations?: SessionAssociations) {
  const store = await open();
  return { store, ...(await createSession(store, associations)) };
}

/** Opens a store with a session in it that was used and has expired. */
export async function openWithExpiredSession(open: OpenStore) {
  const idleTimeout = 200;
  const store = await open({ idleTimeout });
  return retryWhenStalled(async () => {
    const start = performance.now();
    const { id } = await createSession(store);
    foundInTime('update', await store.update(id, {}), start, idleTimeout);
    await waitPast(idleTimeout);
    return { store, id };
  });
}

/** Creates a session, and gives what it should be, copied: what the store answered might be what it stores. */
export async function createSession(
  store: StoreUnderTest,
  associations: SessionAssociations = { visitId: freshValue() },
) {
  const id = freshSessionId();
  const { createdAt, updatedAt } = found('create', await store.create(id, { ...associations }));
  return { id, associations, createdAt, updatedAt };
}
