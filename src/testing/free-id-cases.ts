import { strict as assert } from 'node:assert';
import { freshSessionId, freshValue } from './fresh-names.js';
import { openWithSession } from './open-with-session.js';
import { foundInTime, retryWhenStalled, sleep, waitForNextTime, waitPast } from './real-time.js';
import type { OpenStore, PromiseCases } from './run-case.js';
import { found, foundWith, momentOf } from './session-assertions.js';

export const freeIdCases: PromiseCases = {
  'An ID whose session was deleted or has expired is free again, and nothing of the old session is left': {
    'the associations of a deleted session': async (open) => {
      const { store, id } = await openWithSession(open);
      await store.delete(id);
      const customerId = freshValue();
      foundWith('create', await store.create(id, { customerId }), { customerId });
      foundWith('get', await store.get(id), { customerId });
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
    'the absolute timeout of a deleted session': async (open) => {
      const store = await open({ absoluteTimeout: 400 });
      await retryWhenStalled(async () => {
        const id = freshSessionId();
        await store.create(id, {});
        await sleep(220);
        await store.delete(id);
        const start = performance.now();
        found('create', await store.create(id, {}));
        await sleep(230);
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
    const id = freshSessionId();
    const customerId = freshValue();
    await store.create(id, { visitId: freshValue() });
    await waitPast(300);
    const start = performance.now();
    foundWith('create', await store.create(id, { customerId }), { customerId });
    const answer = await store.get(id);
    foundInTime('get', answer, start, 300);
    foundWith('get', answer, { customerId });
  });
}
