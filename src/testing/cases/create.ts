import { strict as assert } from 'node:assert';
import {
  expectAssociations,
  expectExactly,
  expectIsoTime,
  expectPresent,
  expectSession,
  isSession,
} from '../harness/expect-session.js';
import { allFour, freshAssociations, freshSessionId, freshValue } from '../harness/fresh.js';
import type { PromiseCases } from '../harness/kit-cases.js';
import { createSeveral, openWithSession } from '../harness/open-with-session.js';

export const createCases: PromiseCases = {
  'It returns the new session: the ID, the given associations, the two times, and nothing else': {
    'none given': async (open) => {
      const store = await open();
      const id = freshSessionId();
      expectExactly('create', await store.create(id, {}), id, {});
    },
    'one given': async (open) => {
      const store = await open();
      for (const [name, value] of Object.entries(freshAssociations())) {
        const id = freshSessionId();
        expectExactly('create', await store.create(id, { [name]: value }), id, { [name]: value });
      }
    },
    'all four given': async (open) => {
      const store = await open();
      const id = freshSessionId();
      const associations = freshAssociations();
      expectExactly('create', await store.create(id, associations), id, associations);
    },
  },

  'A member that is `undefined` is not associated': {
    'one of two given': async (open) => {
      const store = await open();
      const id = freshSessionId();
      const visitId = freshValue();
      expectAssociations('create', await store.create(id, { agentId: undefined, visitId }), { visitId });
      expectAssociations('get', await store.get(id), { visitId });
    },
    'all four given': async (open) => {
      const store = await open();
      const id = freshSessionId();
      expectAssociations('create', await store.create(id, allFour(undefined)), {});
      expectAssociations('get', await store.get(id), {});
    },
  },

  "`createdAt` and `updatedAt` are the same time, by the store's clock": {
    'one and the same': async (open) => {
      const store = await open();
      const { createdAt, updatedAt } = expectSession('create', await store.create(freshSessionId(), {}));
      assert.equal(updatedAt, createdAt, 'updatedAt of a new session must be its createdAt');
    },
    'in ISO 8601, UTC, with milliseconds': async (open) => {
      const store = await open();
      const info = expectSession('create', await store.create(freshSessionId(), {}));
      expectIsoTime(info, 'createdAt');
      expectIsoTime(info, 'updatedAt');
    },
    'the present time': async (open) => {
      const store = await open();
      const info = expectSession('create', await store.create(freshSessionId(), {}));
      expectPresent(info, 'createdAt');
      expectPresent(info, 'updatedAt');
    },
  },

  'Of several concurrent creates of one ID, exactly one creates the session': {
    'an unknown ID': async (open) => {
      const store = await open();
      for (let round = 0; round < 5; round++) expectOne(await createSeveral(store, freshSessionId()));
    },
    'the ID of a deleted session': async (open) => {
      const { store, id } = await openWithSession(open);
      await store.delete(id);
      expectOne(await createSeveral(store, id));
    },
    'the ID of an expired session': async (open, time) => {
      const store = await open({ idleTimeout: 300 });
      const id = freshSessionId();
      await store.create(id, {});
      await time.waitPast(300);
      const inTime = time.startTimeout(300);
      const results = await createSeveral(store, id);
      if (results.filter(isSession).length > 1) inTime();
      expectOne(results);
    },
  },
};

function expectOne(results: unknown[]): void {
  const created = results.filter(isSession).length;
  const message = `of ${results.length} concurrent creates one must create the session, not ${created}`;
  assert.equal(created, 1, message);
}
