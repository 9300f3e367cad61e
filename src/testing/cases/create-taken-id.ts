import { strict as assert } from 'node:assert';
import { waitForNextTime } from '../harness/case-time.js';
import {
  expectAlive,
  expectAssociations,
  expectNotFound,
  expectSession,
  expectTimes,
  expectWithout,
  isSession,
} from '../harness/expect-session.js';
import { freshAssociations, freshSessionId, freshValue } from '../harness/fresh.js';
import type { PromiseCases } from '../harness/kit-cases.js';
import { createSeveral, openWithSession, withEachKeptAlive } from '../harness/open-with-session.js';

export const takenIdCases: PromiseCases = {
  'If a live session has the ID, it returns `undefined` and changes nothing': {
    'its associations': async (open) => {
      const { store, id, associations } = await openWithSession(open);
      expectNotFound('create', await store.create(id, freshAssociations()));
      expectAssociations('get', await store.get(id), associations);
    },
    'its associations after an update': async (open) => {
      const { store, id, associations } = await openWithSession(open);
      const agentId = freshValue();
      await store.update(id, { agentId });
      expectNotFound('create', await store.create(id, freshAssociations()));
      expectAssociations('get', await store.get(id), { agentId, ...associations });
    },
    'its associations at the next update': async (open) => {
      const { store, id } = await openWithSession(open);
      const refused = freshAssociations();
      expectNotFound('create', await store.create(id, refused));
      expectWithout('update', await store.update(id, {}), refused);
    },
    'one that activity kept alive past its first deadline': (open, time) =>
      withEachKeptAlive(open, time, async ({ store, id, inTime }) => {
        const refused = freshAssociations();
        const result = await store.create(id, refused);
        if (isSession(result)) inTime();
        expectNotFound('create', result);
        expectWithout('get', expectAlive('get', await store.get(id), inTime), refused);
      }),
    'its times': async (open) => {
      const { store, id, ...before } = await openWithSession(open);
      await waitForNextTime();
      expectNotFound('create', await store.create(id, {}));
      expectTimes('get', await store.get(id), before);
    },
    'its idle timeout, which goes on': async (open, time) => {
      const store = await open({ idleTimeout: 400 });
      const id = freshSessionId();
      const createdInTime = time.startTimeout(400);
      await store.create(id, {});
      const created = performance.now();
      await time.sleepUntil(created, 220);
      const refusedInTime = time.startTimeout(400);
      const result = await store.create(id, {});
      createdInTime();
      expectNotFound('create', result);
      await time.sleepUntil(created, 430);
      const late = await store.get(id);
      refusedInTime();
      expectNotFound('get', late);
    },
    'of several concurrent creates, those that create nothing': async (open) => {
      const store = await open();
      const id = freshSessionId();
      const results = await createSeveral(store, id);
      const { visitId } = expectSession('get', await store.get(id));
      const created = results.filter(isSession).map((info) => info.visitId);
      const message = 'the session must be as a create returned it, not as a refused create would set it';
      assert.ok(created.includes(visitId), message);
    },
  },
};
