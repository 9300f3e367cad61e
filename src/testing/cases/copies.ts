import { strict as assert } from 'node:assert';
import { expectAssociations, expectSession } from '../harness/expect-session.js';
import { freshAssociations, freshSessionId, freshValue } from '../harness/fresh.js';
import type { PromiseCases } from '../harness/kit-cases.js';
import { openWithSession } from '../harness/open-with-session.js';

export const copyCases: PromiseCases = {
  'The return value is frozen or a copy: writing to it does not change the stored session': {
    'the result of create': async (open) => {
      const store = await open();
      const id = freshSessionId();
      const associations = freshAssociations();
      overwrite(expectSession('create', await store.create(id, associations)));
      expectAssociations('get', await store.get(id), associations);
    },
    'the result of get': async (open) => {
      const { store, id, associations } = await openWithSession(open, freshAssociations());
      overwrite(expectSession('get', await store.get(id)));
      expectAssociations('get', await store.get(id), associations);
    },
    'the result of peek': async (open) => {
      const { store, id, associations } = await openWithSession(open, freshAssociations());
      overwrite(expectSession('peek', await store.peek(id)));
      expectAssociations('get', await store.get(id), associations);
    },
    'the result of update': async (open) => {
      const { store, id, associations } = await openWithSession(open, freshAssociations());
      const visitId = freshValue();
      overwrite(expectSession('update', await store.update(id, { visitId })));
      expectAssociations('get', await store.get(id), { ...associations, visitId });
    },
  },

  'Its arguments are copied: writing to them afterwards does not change the stored session': {
    'the associations given to create': async (open) => {
      const store = await open();
      const id = freshSessionId();
      const associations = freshAssociations();
      const given = { ...associations };
      await store.create(id, given);
      overwrite(given);
      expectAssociations('get', await store.get(id), associations);
    },
    'the associations given to update': async (open) => {
      const { store, id } = await openWithSession(open);
      const associations = freshAssociations();
      const given = { ...associations };
      await store.update(id, given);
      overwrite(given);
      expectAssociations('get', await store.get(id), associations);
    },
    'the associations given to create, written to before it has returned': async (open) => {
      const store = await open();
      const id = freshSessionId();
      const associations = freshAssociations();
      const given = { ...associations };
      const created = store.create(id, given);
      overwrite(given);
      await created;
      expectAssociations('get', await store.get(id), associations);
    },
    'the associations given to update, written to before it has returned': async (open) => {
      const { store, id } = await openWithSession(open);
      const associations = freshAssociations();
      const given = { ...associations };
      const updated = store.update(id, given);
      overwrite(given);
      await updated;
      expectAssociations('get', await store.get(id), associations);
    },
    'associations to which the store does not write': async (open) => {
      const { store, id } = await openWithSession(open);
      for (const call of [store.create, store.update]) {
        const given = { ...freshAssociations(), agentId: undefined };
        const before = { ...given };
        await call(call === store.create ? freshSessionId() : id, given);
        assert.deepEqual(given, before, 'the store must not write to the associations that it was given');
      }
    },
  },
};

/** Writes to every member and removes one, as far as the object lets it. */
function overwrite(object: object): void {
  for (const name of Object.keys(object)) Reflect.set(object, name, 'overwritten');
  Reflect.deleteProperty(object, 'agentId');
}
