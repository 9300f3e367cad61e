import {
  expectAssociations,
  expectExactly,
  expectNotFound,
  expectSession,
  expectWithout,
  isSession,
} from '../harness/expect-session.js';
import { ALL_UNDEFINED, freshAssociations, freshSessionId, freshValue } from '../harness/fresh.js';
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
      expectAssociations('update', await store.update(id, ALL_UNDEFINED), associations);
      expectAssociations('get', await store.get(id), associations);
    },
  },

  'A member that is `null` is removed': {
    'each single member, while the others stay': async (open) => {
      const store = await open();
      for (const name of Object.keys(freshAssociations())) {
        const { id, associations } = await createSession(store, freshAssociations());
        const expected = { ...associations, [name]: undefined };
        expectWithoutMember(await store.update(id, { [name]: null }), id, expected, 'update');
        expectWithoutMember(await store.get(id), id, expected, 'get');
        expectWithoutMember(await store.peek(id), id, expected, 'peek');
      }
    },
    'all four': async (open) => {
      const { store, id } = await openWithSession(open, freshAssociations());
      expectWithoutMember(await store.update(id, ALL_NULL), id, {}, 'update');
      expectWithoutMember(await store.get(id), id, {}, 'get');
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
      expectWithoutMember(await store.update(id, { agentId: null }), id, associations, 'update');
      expectWithoutMember(await store.get(id), id, associations, 'get');
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

const ALL_NULL = { agentId: null, customerId: null, visitId: null, globalVisitId: null };

/** As {@link expectExactly}, for a result in which nothing may stand for a removed member, `null` included. */
function expectWithoutMember(result: unknown, id: string, expected: object, method: string): void {
  const members = Object.entries(expected).filter(([, value]) => value !== undefined);
  expectExactly(method, expectSession(method, result), id, Object.fromEntries(members));
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
