import { strict as assert } from 'node:assert';
import { freshAssociations, freshSessionId, freshValue } from './fresh-names.js';
import { checkPace, foundInTime, retryWhenStalled, sleep, waitForNextTime } from './real-time.js';
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
    'creates of fifty sessions at the same time': async (open) => {
      const store = await open();
      const sessions = Array.from({ length: 50 }, freshSession);
      await Promise.all(sessions.map(({ id, named }) => store.create(id, named)));
      const answers = await Promise.all(sessions.map(({ id }) => store.get(id)));
      for (const [index, { named }] of sessions.entries()) foundWith('get', answers[index], named);
    },
    'updates of several sessions at the same time': async (open) => {
      const store = await open();
      const sessions = Array.from({ length: 6 }, freshSession);
      for (const { id } of sessions) await store.create(id, {});
      const answers = await Promise.all(sessions.map(({ id, named }) => store.update(id, named)));
      for (const [index, { id, named }] of sessions.entries()) {
        foundWith('update', answers[index], named);
        foundWith('get', await store.get(id), named);
      }
    },
    'a get, an update, a delete and a create, each of its own session, at the same time': async (open) => {
      const store = await open();
      for (let round = 0; round < 3; round++) {
        const read = freshSession();
        const updated = freshSession();
        const deleted = freshSession();
        const created = freshSession();
        await store.create(read.id, read.named);
        await store.create(updated.id, {});
        await store.create(deleted.id, deleted.named);
        await Promise.all([
          store.get(read.id),
          store.update(updated.id, updated.named),
          store.delete(deleted.id),
          store.create(created.id, created.named),
        ]);
        for (const { id, named } of [read, updated, created]) foundWith('get', await store.get(id), named);
        notFound('get', await store.get(deleted.id));
      }
    },
    'a use of another session, which does not keep this one alive': async (open) => {
      const store = await open({ idleTimeout: 400 });
      await retryWhenStalled(async () => {
        const created = performance.now();
        const { ids, other } = await createThreeAlike(store);
        for (const id of ids) foundInTime('update', await store.update(id, {}), created, 400);
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

function freshSession() {
  return { id: freshSessionId(), named: { visitId: freshValue() } };
}

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
