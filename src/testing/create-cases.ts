import { strict as assert } from 'node:assert';
import { freshAssociations, freshSessionId, freshValue } from './fresh-names.js';
import type { PromiseCases } from './run-case.js';
import { assertNow, assertTime, found, foundExactly, foundWith } from './session-assertions.js';

export const createCases: PromiseCases = {
  'It answers the new session: the ID, the associations named, the two times, and nothing else': {
    'none named': async (open) => {
      const store = await open();
      const id = freshSessionId();
      foundExactly('create', await store.create(id, {}), id, {});
    },
    'one named': async (open) => {
      const store = await open();
      for (const [name, value] of Object.entries(freshAssociations())) {
        const id = freshSessionId();
        foundExactly('create', await store.create(id, { [name]: value }), id, { [name]: value });
      }
    },
    'all four named': async (open) => {
      const store = await open();
      const id = freshSessionId();
      const associations = freshAssociations();
      foundExactly('create', await store.create(id, associations), id, associations);
    },
  },

  'A member that is `undefined` is not associated': {
    'one of two named': async (open) => {
      const store = await open();
      const id = freshSessionId();
      const visitId = freshValue();
      const named = { agentId: undefined, visitId } as object;
      foundWith('create', await store.create(id, named), { visitId });
      foundWith('get', await store.get(id), { visitId });
    },
    'all four named': async (open) => {
      const store = await open();
      const id = freshSessionId();
      foundWith('create', await store.create(id, ALL_UNDEFINED), {});
      foundWith('get', await store.get(id), {});
    },
  },

  '`createdAt` and `updatedAt` are the same moment, by the clock of the store': {
    'one and the same': async (open) => {
      const store = await open();
      const { createdAt, updatedAt } = found('create', await store.create(freshSessionId(), {}));
      assert.equal(updatedAt, createdAt, 'updatedAt of a new session must be its createdAt');
    },
    'in ISO 8601, UTC, with milliseconds': async (open) => {
      const store = await open();
      const info = found('create', await store.create(freshSessionId(), {}));
      assertTime(info, 'createdAt');
      assertTime(info, 'updatedAt');
    },
    'the present moment': async (open) => {
      const store = await open();
      const info = found('create', await store.create(freshSessionId(), {}));
      assertNow(info, 'createdAt');
      assertNow(info, 'updatedAt');
    },
  },
};

const ALL_UNDEFINED: object = {
  agentId: undefined,
  customerId: undefined,
  visitId: undefined,
  globalVisitId: undefined,
};
