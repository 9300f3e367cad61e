import { waitForNextTime } from '../harness/case-time.js';
import {
  expectAlive,
  expectAssociations,
  expectNotFound,
  expectSession,
  expectTimes,
} from '../harness/expect-session.js';
import { freshAssociations, freshSessionId, freshValue } from '../harness/fresh.js';
import type { Check, PromiseCases } from '../harness/kit-cases.js';
import type { StoreUnderTest } from '../harness/store-under-test.js';

export const otherSessionsCases: PromiseCases = {
  'It does not touch any other session': {
    'create of one more session': leavesOthers((store, _, given) => store.create(freshSessionId(), given)),
    'create of an ID that another session has': leavesOthers((store, other) =>
      store.create(other, freshAssociations()),
    ),
    'get of another session': leavesOthers((store, other) => store.get(other)),
    'peek of another session': leavesOthers((store, other) => store.peek(other)),
    'update of another session': leavesOthers((store, other) => store.update(other, freshAssociations())),
    'removal of a member of another session': leavesOthers((store, other) =>
      store.update(other, { agentId: null }),
    ),
    'delete of another session': leavesOthers((store, other) => store.delete(other)),
    'fifty concurrent creates': async (open) => {
      const store = await open();
      const sessions = Array.from({ length: 50 }, freshSession);
      await Promise.all(sessions.map(({ id, given }) => store.create(id, given)));
      const results = await Promise.all(sessions.map(({ id }) => store.get(id)));
      for (const [index, { given }] of sessions.entries()) expectAssociations('get', results[index], given);
    },
    'concurrent updates of several sessions': async (open) => {
      const store = await open();
      const sessions = Array.from({ length: 6 }, freshSession);
      for (const { id } of sessions) await store.create(id, {});
      const results = await Promise.all(sessions.map(({ id, given }) => store.update(id, given)));
      for (const [index, { id, given }] of sessions.entries()) {
        expectAssociations('update', results[index], given);
        expectAssociations('get', await store.get(id), given);
      }
    },
    'a get, an update, a delete and a create at once, each of its own session': async (open) => {
      const store = await open();
      for (let round = 0; round < 3; round++) {
        const read = freshSession();
        const updated = freshSession();
        const deleted = freshSession();
        const created = freshSession();
        await store.create(read.id, read.given);
        await store.create(updated.id, {});
        await store.create(deleted.id, deleted.given);
        await Promise.all([
          store.get(read.id),
          store.update(updated.id, updated.given),
          store.delete(deleted.id),
          store.create(created.id, created.given),
        ]);
        for (const { id, given } of [read, updated, created]) {
          expectAssociations('get', await store.get(id), given);
        }
        expectNotFound('get', await store.get(deleted.id));
      }
    },
    'activity of another session, which does not keep this one alive': async (open, time) => {
      const store = await open({ idleTimeout: 400 });
      const createdInTime = time.startTimeout(400);
      const { ids, other } = await createThreeAlike(store);
      for (const id of ids) expectAlive('update', await store.update(id, {}), createdInTime);
      const updated = performance.now();
      await time.sleepUntil(updated, 220);
      const inTime = time.startTimeout(400);
      expectAlive('get', await store.get(other), createdInTime);
      await time.sleepUntil(updated, 430);
      for (const id of ids) {
        const result = await store.get(id);
        inTime();
        expectNotFound('get', result);
      }
    },
  },
};

function freshSession() {
  return { id: freshSessionId(), given: { visitId: freshValue() } };
}

/** What one call does to one session leaves those created before and after it as they were. */
function leavesOthers(
  call: (store: StoreUnderTest, other: string, associations: object) => Promise<unknown>,
): Check {
  return async (open) => {
    const store = await open();
    const { ids, other, associations, infos } = await createThreeAlike(store);
    await waitForNextTime();
    await call(store, other, associations);
    for (const [index, id] of ids.entries()) {
      const info = expectAssociations('get', await store.get(id), associations);
      expectTimes('get', info, infos[index] ?? info);
    }
  };
}

/** Three sessions alike in all but the ID: two to look at, and another, created between them. */
async function createThreeAlike(store: StoreUnderTest) {
  const associations = freshAssociations();
  const [before, other, after] = [freshSessionId(), freshSessionId(), freshSessionId()];
  const infos = [];
  for (const id of [before, other, after]) {
    const { createdAt, updatedAt } = expectSession('create', await store.create(id, associations));
    if (id !== other) infos.push({ createdAt, updatedAt });
  }
  return { ids: [before, after], other, associations, infos };
}
