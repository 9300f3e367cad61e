import { strict as assert } from 'node:assert';
import type { SessionAssociations } from '../session-info.js';
import { freshAssociations, freshSessionId } from './fresh-names.js';
import { createSession, openWithSession } from './open-with-session.js';
import { checkPace, foundInTime, retryWhenStalled, sleep, waitForNextTime, waitPast } from './real-time.js';
import type { OpenStore, PromiseCases } from './run-case.js';
import { found, foundWith, momentOf } from './session-assertions.js';

export const freeIdCases: PromiseCases = {
  'An ID whose session was deleted or has expired is free again, and nothing of the old session is left': {
    'the associations of a deleted session': async (open) => {
      const store = await open();
      for (const [old, next] of oldAndNext()) {
        const { id } = await createSession(store, old);
        await store.delete(id);
        foundWith('create', await store.create(id, next), next);
        foundWith('get', await store.get(id), next);
      }
    },
    'the associations of a session after its idle timeout': (open) =>
      startsAnewAfter(open, { idleTimeout: 300 }),
    'the associations of a session after its absolute timeout': (open) =>
      startsAnewAfter(open, { absoluteTimeout: 300 }),
    'the times of a deleted session': async (open) => {
      const { store, id, ...old } = await openWithSession(open);
      await store.delete(id);
      await waitForNextTime();
      const info = found('create', await store.create(id, {}));
      const isLater = momentOf(info, 'createdAt') > momentOf(old, 'createdAt');
      assert.ok(isLater, 'createdAt must be that of the new session, not that of the deleted one');
    },
    'the times and the absolute timeout of a session after its idle timeout': async (open) => {
      const timeouts = { idleTimeout: 400, absoluteTimeout: 650 };
      const store = await open(timeouts);
      await retryWhenStalled(async () => {
        const created = performance.now();
        const { id, ...old } = await createSession(store);
        await waitPast(timeouts.idleTimeout);
        const start = performance.now();
        const info = found('create', await store.create(id, {}));
        // Later the old session would be past its absolute timeout too, which is the case above.
        checkPace(created, timeouts.absoluteTimeout);
        const isLater = momentOf(info, 'createdAt') > momentOf(old, 'createdAt');
        assert.ok(isLater, 'createdAt must be that of the new session, not that of the expired one');
        await sleep(250);
        foundInTime('get', await store.get(id), start, timeouts.idleTimeout);
      });
    },
    'the absolute timeout of a deleted session': async (open) => {
      const store = await open({ absoluteTimeout: 400 });
      await retryWhenStalled(async () => {
        const id = freshSessionId();
        await store.create(id, {});
        await sleep(150);
        await store.delete(id);
        const start = performance.now();
        found('create', await store.create(id, {}));
        await sleep(300);
        foundInTime('get', await store.get(id), start, 400);
      });
    },
  },
};

async function startsAnewAfter(
  open: OpenStore,
  timeouts: { idleTimeout: 300 } | { absoluteTimeout: 300 },
): Promise<void> {
  const store = await open(timeouts);
  await retryWhenStalled(async () => {
    const sessions: { id: string; next: SessionAssociations }[] = [];
    for (const [old, next] of oldAndNext()) sessions.push({ id: (await createSession(store, old)).id, next });
    await waitPast(300);
    for (const { id, next } of sessions) {
      const start = performance.now();
      foundWith('create', await store.create(id, next), next);
      foundWith('get', foundInTime('get', await store.get(id), start, 300), next);
    }
  });
}

/** A store may forget to remove what was there, to write what comes, or to put the one in place of the other. */
function oldAndNext(): [SessionAssociations, SessionAssociations][] {
  return [
    [freshAssociations(), {}],
    [{}, freshAssociations()],
    [freshAssociations(), freshAssociations()],
  ];
}
