import { freshAssociations, freshSessionId, freshValue } from './fresh-names.js';
import { createSession, openWithExpiredSession, openWithSession } from './open-with-session.js';
import type { PromiseCases, StoreUnderTest } from './run-case.js';
import { foundExactly, foundWith, foundWithout, isSession, notFound } from './session-assertions.js';

export const updateCases: PromiseCases = {
  'It answers the session with the named members in place of its own, and keeps the other members': {
    'one named, of a session that has all four': async (open) => {
      const store = await open();
      for (const [name, value] of Object.entries(freshAssociations())) {
        const { id, associations } = await createSession(store, freshAssociations());
        const expected = { ...associations, [name]: value };
        foundExactly('update', await store.update(id, { [name]: value }), id, expected);
        foundWith('get', await store.get(id), expected);
      }
    },
    'one after the other named, of a session that has none': async (open) => {
      const { store, id } = await openWithSession(open, {});
      const expected: Record<string, string> = {};
      for (const [name, value] of Object.entries(freshAssociations())) {
        expected[name] = value;
        foundExactly('update', await store.update(id, { [name]: value }), id, expected);
      }
      foundWith('get', await store.get(id), expected);
    },
    'all four named': async (open) => {
      const { store, id } = await openWithSession(open, freshAssociations());
      const associations = freshAssociations();
      foundExactly('update', await store.update(id, associations), id, associations);
      foundWith('get', await store.get(id), associations);
    },
    'none named': async (open) => {
      const { store, id, associations } = await openWithSession(open, freshAssociations());
      foundExactly('update', await store.update(id, {}), id, associations);
      foundWith('get', await store.get(id), associations);
    },
  },

  'A member that is `undefined` is kept as it was': {
    'one of two named': async (open) => {
      const { store, id, associations } = await openWithSession(open, freshAssociations());
      const visitId = freshValue();
      const named = { agentId: undefined, visitId } as object;
      foundWith('update', await store.update(id, named), { ...associations, visitId });
      foundWith('get', await store.get(id), { ...associations, visitId });
    },
    'all four named': async (open) => {
      const { store, id, associations } = await openWithSession(open, freshAssociations());
      foundWith('update', await store.update(id, ALL_UNDEFINED), associations);
      foundWith('get', await store.get(id), associations);
    },
  },

  'It never makes a session: without a live one it answers `undefined`, and changes nothing': {
    'an ID that never was': async (open) => {
      const store = await open();
      const id = freshSessionId();
      await changesNothing(store, id);
    },
    'an ID whose session was deleted': async (open) => {
      const { store, id } = await openWithSession(open);
      await store.delete(id);
      await changesNothing(store, id);
    },
    'an ID whose session has expired': async (open) => {
      const { store, id } = await openWithExpiredSession(open);
      await changesNothing(store, id);
    },
  },
};

/** Neither is there a session after the update, nor does the next one show what it named. */
async function changesNothing(store: StoreUnderTest, id: string): Promise<void> {
  const refused = freshAssociations();
  notFound('update', await store.update(id, refused));
  foundWithout('create', await store.create(id, {}), refused);
  const answer = await store.get(id);
  // It may have expired, where its timeout is short.
  if (isSession(answer)) foundWithout('get', answer, refused);
}

const ALL_UNDEFINED: object = {
  agentId: undefined,
  customerId: undefined,
  visitId: undefined,
  globalVisitId: undefined,
};
