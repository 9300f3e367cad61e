import { freshAssociations, freshSessionId, freshValue } from './fresh-names.js';
import { openWithSession } from './open-with-session.js';
import type { PromiseCases } from './run-case.js';
import { found, foundWith } from './session-assertions.js';

export const aliasingCases: PromiseCases = {
  'What it returns is frozen or a copy: writing to it does not change the stored session': {
    'the answer of create': async (open) => {
      const store = await open();
      const id = freshSessionId();
      const associations = freshAssociations();
      overwrite(found('create', await store.create(id, associations)));
      foundWith('get', await store.get(id), associations);
    },
    'the answer of get': async (open) => {
      const { store, id, associations } = await openWithSession(open, freshAssociations());
      overwrite(found('get', await store.get(id)));
      foundWith('get', await store.get(id), associations);
    },
    'the answer of update': async (open) => {
      const { store, id, associations } = await openWithSession(open, freshAssociations());
      const visitId = freshValue();
      overwrite(found('update', await store.update(id, { visitId })));
      foundWith('get', await store.get(id), { ...associations, visitId });
    },
  },

  'What it was given is not kept: writing to it afterwards does not change the stored session': {
    'the associations given to create': async (open) => {
      const store = await open();
      const id = freshSessionId();
      const associations = freshAssociations();
      const given = { ...associations };
      await store.create(id, given);
      overwrite(given);
      foundWith('get', await store.get(id), associations);
    },
    'the associations given to update': async (open) => {
      const { store, id } = await openWithSession(open);
      const associations = freshAssociations();
      const given = { ...associations };
      await store.update(id, given);
      overwrite(given);
      foundWith('get', await store.get(id), associations);
    },
    'the associations given to create, written to before it has answered': async (open) => {
      const store = await open();
      const id = freshSessionId();
      const associations = freshAssociations();
      const given = { ...associations };
      const created = store.create(id, given);
      overwrite(given);
      await created;
      foundWith('get', await store.get(id), associations);
    },
    'the associations given to update, written to before it has answered': async (open) => {
      const { store, id } = await openWithSession(open);
      const associations = freshAssociations();
      const given = { ...associations };
      const updated = store.update(id, given);
      overwrite(given);
      await updated;
      foundWith('get', await store.get(id), associations);
    },
  },
};

/** Writes to every member and removes one, as far as the object lets it. */
function overwrite(object: object): void {
  for (const name of Object.keys(object)) Reflect.set(object, name, 'overwritten');
  Reflect.deleteProperty(object, 'agentId');
}
