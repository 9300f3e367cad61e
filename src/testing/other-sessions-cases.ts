import { strict as assert } from 'node:assert';
import { freshAssociations, freshSessionId } from './fresh-names.js';
import { checkPace, retryWhenStalled, sleep, waitForNextTime } from './real-time.js';
import type { OpenStore, PromiseCases, StoreUnderTest } from './run-case.js';
import { found, foundWith, notFound } from './session-assertions.js';

export const otherSessionsCases: PromiseCases = {
  'It does not touch any other session': {
    'create of one more session': (open) =>
      leavesOthers(open, (store, _, associations) => store.create(freshSessionId(), associations)),
    'create of an ID that another session has': (open) =>
      leavesOthers(open, (store, other) => store.create(other, freshAssociations())),
    'get of another session': (open) => leavesOthers(open, (store, other) => store.get(other)),
    'update of another session': (open) =>
      leavesOthers(open, (store, other) => store.update(other, freshAssociations())),
    'delete of another session': (open) => leavesOthers(open, (store, other) => store.delete(other)),
    'a use of another session, which does not keep this one alive': async (open) => {
      const store = await open({ idleTimeout: 400 });
      await retryWhenStalled(async () => {
        const { ids, other } = await createThreeAlike(store);
        for (const id of ids) await store.update(id, {});
        await sleep(220);
        const start = performance.now();
        await store.get(other);
        await sleep(230);
        for (const id of ids) {
          const answer = await store.get(id);
          checkPace(start, 400);
          notFound('get', answer);
        }
      });
    },
  },
};

/** What one call does to one session leaves those made before and after it as they were. */
async function leavesOthers(
  open: OpenStore,
  call: (store: StoreUnderTest, other: string, associations: object) => Promise<unknown>,
): Promise<void> {
  const store = await open();
  const { ids, other, associations, times } = await createThreeAlike(store);
  await waitForNextTime();
  await call(store, other, associations);
  for (const id of ids) {
    const { createdAt, updatedAt } = foundWith('get', await store.get(id), associations);
    assert.deepEqual({ createdAt, updatedAt }, times.get(id), 'the times of another session must not change');
  }
}

/** Three sessions alike in all but the ID: two to look at, and another, made between them. */
async function createThreeAlike(store: StoreUnderTest) {
  const associations = freshAssociations();
  const [before, other, after] = [freshSessionId(), freshSessionId(), freshSessionId()];
  const times = new Map<string, object>();
  for (const id of [before, other, after]) {
    const { createdAt, updatedAt } = found('create', await store.create(id, associations));
    times.set(id, { createdAt, updatedAt });
  }
  return { ids: [before, after], other, associations, times };
}
