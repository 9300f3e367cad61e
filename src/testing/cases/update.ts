import { strict as assert } from 'node:assert';
import { ASSOCIATION_NAMES, type SessionAssociations } from '../../session-info.js';
import {
  expectAssociations,
  expectExactly,
  expectNotFound,
  expectWithout,
  isSession,
} from '../harness/expect-session.js';
import { allFour, freshAssociations, freshSessionId, freshValue } from '../harness/fresh.js';
import type { PromiseCases } from '../harness/kit-cases.js';
import { createSession, openWithExpiredSession, openWithSession } from '../harness/open-with-session.js';
import type { StoreUnderTest } from '../harness/store-under-test.js';

export const updateCases: PromiseCases = {
  'It returns the session with the given members replaced; the other members stay': {
    'one given, of a session that has all four': async (open) => {
      const store = await open();
      for (const [name, value] of Object.entries(freshAssociations())) {
        const { id, associations } = await createSession(store, freshAssociations());
        const expected = { ...associations, [name]: value };
        expectExactly('update', await store.update(id, { [name]: value }), id, expected);
        expectAssociations('get', await store.get(id), expected);
      }
    },
    'one after the other given, of a session that has none': async (open) => {
      const { store, id } = await openWithSession(open, {});
      const expected: Record<string, string> = {};
      for (const [name, value] of Object.entries(freshAssociations())) {
        expected[name] = value;
        expectExactly('update', await store.update(id, { [name]: value }), id, expected);
      }
      expectAssociations('get', await store.get(id), expected);
    },
    'all four given': async (open) => {
      const { store, id } = await openWithSession(open, freshAssociations());
      const associations = freshAssociations();
      expectExactly('update', await store.update(id, associations), id, associations);
      expectAssociations('get', await store.get(id), associations);
    },
    'the same one given in ten calls at once': async (open) => {
      const { store, id, associations } = await openWithSession(open, freshAssociations());
      for (let round = 0; round < 5; round++) {
        const changes = { visitId: freshValue() };
        const results = await Promise.all(Array.from({ length: 10 }, () => store.update(id, changes)));
        for (const result of results) expectExactly('update', result, id, { ...associations, ...changes });
      }
    },
    'none given': async (open) => {
      const { store, id, associations } = await openWithSession(open, freshAssociations());
      expectExactly('update', await store.update(id, {}), id, associations);
      expectAssociations('get', await store.get(id), associations);
    },
  },

  'A member that is `undefined` stays as it is': {
    'one of two given': async (open) => {
      const { store, id, associations } = await openWithSession(open, freshAssociations());
      const visitId = freshValue();
      const expected = { ...associations, visitId };
      expectAssociations('update', await store.update(id, { agentId: undefined, visitId }), expected);
      expectAssociations('get', await store.get(id), expected);
    },
    'all four given': async (open) => {
      const { store, id, associations } = await openWithSession(open, freshAssociations());
      expectAssociations('update', await store.update(id, allFour(undefined)), associations);
      expectAssociations('get', await store.get(id), associations);
    },
  },

  'A member that is `null` is removed': {
    'each single member, while the others stay': async (open) => {
      const store = await open();
      for (const name of Object.keys(freshAssociations())) {
        const { id, associations } = await createSession(store, freshAssociations());
        const expected = { ...associations, [name]: undefined };
        expectRemoved('update', await store.update(id, { [name]: null }), expected);
        expectRemoved('get', await store.get(id), expected);
        expectRemoved('peek', await store.peek(id), expected);
      }
    },
    'all four': async (open) => {
      const { store, id } = await openWithSession(open, freshAssociations());
      expectRemoved('update', await store.update(id, allFour(null)), {});
      expectRemoved('get', await store.get(id), {});
    },
    'one, while another is set': async (open) => {
      const { store, id, associations } = await openWithSession(open, freshAssociations());
      const visitId = freshValue();
      const expected = { ...associations, agentId: undefined, visitId };
      const changes = { agentId: null, customerId: undefined, visitId };
      expectAssociations('update', await store.update(id, changes), expected);
      expectAssociations('get', await store.get(id), expected);
    },
    'one that the session does not have': async (open) => {
      const { store, id, associations } = await openWithSession(open, { visitId: freshValue() });
      expectRemoved('update', await store.update(id, { agentId: null }), associations);
      expectRemoved('get', await store.get(id), associations);
    },
    'for good: the next update does not bring it back': async (open) => {
      const { store, id, associations } = await openWithSession(open, freshAssociations());
      await store.update(id, { agentId: null });
      const expected = { ...associations, agentId: undefined };
      expectAssociations('update', await store.update(id, {}), expected);
      const visitId = freshValue();
      expectAssociations('update', await store.update(id, { visitId }), { ...expected, visitId });
    },
    'and can be set again': async (open) => {
      const { store, id, associations } = await openWithSession(open, freshAssociations());
      await store.update(id, { agentId: null });
      const agentId = freshValue();
      expectAssociations('update', await store.update(id, { agentId }), { ...associations, agentId });
      expectAssociations('get', await store.get(id), { ...associations, agentId });
    },
  },

  'It never creates a session: without a live session it returns `undefined` and changes nothing': {
    'an unknown ID': async (open) => changesNothing(await open(), freshSessionId()),
    'the ID of a deleted session': async (open) => {
      const { store, id } = await openWithSession(open);
      await store.delete(id);
      await changesNothing(store, id);
    },
    'the ID of an expired session': async (open, time) => {
      const { store, id } = await openWithExpiredSession(open, time);
      await changesNothing(store, id);
    },
  },
};

/** As {@link expectAssociations}, and `null` does not pass for absent. */
function expectRemoved(method: string, result: unknown, expected: SessionAssociations): void {
  const info = expectAssociations(method, result, expected);
  for (const name of ASSOCIATION_NAMES) {
    if (expected[name] !== undefined) continue;
    assert.equal(info[name], undefined, `store.${method} must return a session without ${name} here`);
  }
}

/** Neither is there a session after the update, nor does the next one show what it gave. */
async function changesNothing(store: StoreUnderTest, id: string): Promise<void> {
  const refused = freshAssociations();
  expectNotFound('update', await store.update(id, refused));
  expectWithout('create', await store.create(id, {}), refused);
  const result = await store.get(id);
  // It may have expired, where its timeout is short.
  if (isSession(result)) expectWithout('get', result, refused);
}
