import { strict as assert } from 'node:assert';
import type { SessionAssociations } from '../../session-info.js';
import { besideReads } from '../harness/beside-reads.js';
import { type CaseTime, waitUntilLater } from '../harness/case-time.js';
import {
  expectAlive,
  expectAssociations,
  expectSession,
  isLater,
  isSession,
} from '../harness/expect-session.js';
import { freshAssociations, freshSessionId } from '../harness/fresh.js';
import type { OpenStore, PromiseCases } from '../harness/kit-cases.js';
import { createSession, openWithSession } from '../harness/open-with-session.js';

export const freeIdCases: PromiseCases = {
  'The ID of a deleted or expired session is free again, and nothing of the old session remains': {
    'the associations of a deleted session': async (open) => {
      const store = await open();
      for (const [old, next] of oldAndNext()) {
        const { id } = await createSession(store, old);
        await store.delete(id);
        expectAssociations('create', await store.create(id, next), next);
        expectAssociations('get', await store.get(id), next);
      }
    },
    'the associations of a session that was deleted while gets ran': async (open, time) => {
      const options = { method: 'get', associations: freshAssociations() } as const;
      const created: string[] = [];
      const { store, inTime } = await besideReads(open, time, options, async (store, id) => {
        const [, info] = await Promise.all([store.delete(id), store.create(id, {})]);
        if (isSession(info)) created.push(id);
      });
      for (const result of await Promise.all(created.map((id) => store.get(id)))) {
        expectAssociations('get', expectAlive('get', result, inTime), {});
      }
    },
    'the associations of a session after its idle timeout': (open, time) =>
      startsAnewAfter(open, time, { idleTimeout: 300 }),
    'the associations of a session after its absolute timeout': (open, time) =>
      startsAnewAfter(open, time, { absoluteTimeout: 300 }),
    'the times of a deleted session': async (open) => {
      const { store, id, ...old } = await openWithSession(open);
      const hasNewTime = await waitUntilLater(async () => {
        await store.delete(id);
        return isLater('createdAt', expectSession('create', await store.create(id, {})), old);
      });
      assert.ok(hasNewTime, 'createdAt must be that of the new session, not that of the deleted one');
    },
    'the times of a session after its idle timeout': async (open, time) => {
      const idleTimeout = 400;
      const store = await open({ idleTimeout });
      const { id, ...old } = await createSession(store);
      const hasNewTime = await waitUntilLater(async () => {
        await time.waitPast(idleTimeout);
        return isLater('createdAt', expectSession('create', await store.create(id, {})), old);
      });
      assert.ok(hasNewTime, 'createdAt must be that of the new session, not that of the expired one');
    },
    'the absolute timeout of a session after its idle timeout': async (open, time) => {
      const store = await open({ idleTimeout: 400, absoluteTimeout: 650 });
      const oldInTime = time.startTimeout(650);
      const { id } = await createSession(store);
      const old = performance.now();
      await time.waitPast(400);
      const inTime = time.startTimeout(400);
      expectSession('create', await store.create(id, {}));
      // Later the old session would be past its absolute timeout too, which is another case.
      oldInTime();
      await time.sleepUntil(old, 680);
      expectAlive('get', await store.get(id), inTime);
    },
    'the absolute timeout of a deleted session': async (open, time) => {
      const store = await open({ absoluteTimeout: 400 });
      const id = freshSessionId();
      await store.create(id, {});
      const old = performance.now();
      await time.sleepUntil(old, 150);
      await store.delete(id);
      const inTime = time.startTimeout(400);
      expectSession('create', await store.create(id, {}));
      await time.sleepUntil(old, 430);
      expectAlive('get', await store.get(id), inTime);
    },
  },
};

async function startsAnewAfter(
  open: OpenStore,
  time: CaseTime,
  timeouts: { idleTimeout: 300 } | { absoluteTimeout: 300 },
): Promise<void> {
  const store = await open(timeouts);
  const sessions: { id: string; next: SessionAssociations }[] = [];
  for (const [old, next] of oldAndNext()) sessions.push({ id: (await createSession(store, old)).id, next });
  await time.waitPast(300);
  for (const { id, next } of sessions) {
    const inTime = time.startTimeout(300);
    expectAssociations('create', await store.create(id, next), next);
    expectAssociations('get', expectAlive('get', await store.get(id), inTime), next);
  }
}

/** A store may forget to remove what was there, to write what comes, or to replace the one by the other. */
function oldAndNext(): [SessionAssociations, SessionAssociations][] {
  return [
    [freshAssociations(), {}],
    [{}, freshAssociations()],
    [freshAssociations(), freshAssociations()],
  ];
}
