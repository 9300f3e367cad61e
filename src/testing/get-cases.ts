import { strict as assert } from 'node:assert';
import { freshAssociations, freshSessionId, freshValue } from './fresh-names.js';
import { createSession, openWithExpiredSession, openWithSession } from './open-with-session.js';
import { waitForNextTime } from './real-time.js';
import type { PromiseCases } from './run-case.js';
import { found, foundExactly, foundWith, notFound } from './session-assertions.js';

export const getCases: PromiseCases = {
  'It answers the live session with that ID: the ID, its associations, the two times, and nothing else': {
    'one with no associations': async (open) => {
      const { store, id, createdAt, updatedAt } = await openWithSession(open, {});
      const info = foundExactly('get', await store.get(id), id, {});
      assert.equal(info.createdAt, createdAt, 'store.get must answer createdAt as store.create did');
      assert.equal(info.updatedAt, updatedAt, 'store.get must answer updatedAt as store.create did');
    },
    'one with each single association': async (open) => {
      const store = await open();
      for (const [name, value] of Object.entries(freshAssociations())) {
        const { id, associations } = await createSession(store, { [name]: value });
        foundExactly('get', await store.get(id), id, associations);
      }
    },
    'one with all four associations': async (open) => {
      const { store, id, associations } = await openWithSession(open, freshAssociations());
      foundExactly('get', await store.get(id), id, associations);
    },
    'one that was updated': async (open) => {
      const { store, id, associations } = await openWithSession(open);
      const agentId = freshValue();
      const updated = found('update', await store.update(id, { agentId }));
      const { createdAt, updatedAt } = updated;
      const info = foundExactly('get', await store.get(id), id, { agentId, ...associations });
      assert.equal(info.createdAt, createdAt, 'store.get must answer createdAt as store.update did');
      assert.equal(info.updatedAt, updatedAt, 'store.get must answer updatedAt as store.update did');
    },
    'several at the same time, one of them twice, among IDs that never were': async (open) => {
      const store = await open();
      for (let round = 0; round < 3; round++) {
        const one = await createSession(store, freshAssociations());
        const two = await createSession(store, freshAssociations());
        const none = () => ({ id: freshSessionId(), associations: undefined });
        const asked = [none(), one, two, none(), one, none()];
        const answers = await Promise.all(asked.map(({ id }) => store.get(id)));
        for (const [index, { id, associations }] of asked.entries()) {
          if (associations) foundExactly('get', answers[index], id, associations);
          else notFound('get', answers[index]);
        }
      }
    },
  },

  'Without a live one it answers `undefined`, and makes none': {
    'an ID that never was': async (open) => {
      const store = await open();
      const id = freshSessionId();
      notFound('get', await store.get(id));
      found('create', await store.create(id, {}));
    },
    'an ID whose session was deleted': async (open) => {
      const { store, id } = await openWithSession(open);
      await store.delete(id);
      notFound('get', await store.get(id));
      found('create', await store.create(id, {}));
    },
    'an ID whose session has expired': async (open) => {
      const { store, id } = await openWithExpiredSession(open);
      notFound('get', await store.get(id));
      found('create', await store.create(id, {}));
    },
  },

  'It changes neither the associations nor the two times': {
    'the associations of a session read again and again': async (open) => {
      const { store, id, associations } = await openWithSession(open, freshAssociations());
      for (let times = 0; times < 5; times++) foundWith('get', await store.get(id), associations);
    },
    'the times of a session read again and again': async (open) => {
      const { store, id, createdAt, updatedAt } = await openWithSession(open, freshAssociations());
      for (let times = 0; times < 3; times++) {
        await waitForNextTime();
        const info = found('get', await store.get(id));
        assert.equal(info.createdAt, createdAt, 'createdAt must not change when the session is read');
        assert.equal(info.updatedAt, updatedAt, 'updatedAt must not change when the session is read');
      }
    },
  },
};
