import { strict as assert } from 'node:assert';
import { besideGets } from './beside-gets.js';
import { freshAssociations, freshSessionId } from './fresh-names.js';
import { lookAtKeptAliveByEach } from './kept-alive.js';
import { createSession, openWithSession } from './open-with-session.js';
import { checkPace } from './real-time.js';
import type { PromiseCases } from './run-case.js';
import { notFound } from './session-assertions.js';

export const deleteCases: PromiseCases = {
  'It answers whether a live session was ended by this call': {
    'a live session': async (open) => {
      const { store, id } = await openWithSession(open);
      assert.equal(await store.delete(id), true, 'store.delete must answer true when it ended the session');
    },
    'a live session that was used': async (open) => {
      const { store, id } = await openWithSession(open);
      await store.get(id);
      await store.update(id, freshAssociations());
      assert.equal(await store.delete(id), true, 'store.delete must answer true when it ended the session');
    },
    'a live session that a use kept alive past its first deadline': (open) =>
      lookAtKeptAliveByEach(open, async (store, id, { lastUse, idleTimeout }) => {
        const answer = await store.delete(id);
        if (!answer) checkPace(lastUse, idleTimeout);
        assert.equal(answer, true, 'store.delete must answer true when it ended the session');
      }),
    'a session that was deleted before': async (open) => {
      const { store, id } = await openWithSession(open);
      await store.delete(id);
      assert.equal(await store.delete(id), false, 'store.delete must answer false when there is no session');
    },
    'an ID that never was': async (open) => {
      const store = await open();
      const answer = await store.delete(freshSessionId());
      assert.equal(answer, false, 'store.delete must answer false when there is no session');
    },
  },

  'The session is not found from then on': {
    'by get': async (open) => {
      const { store, id } = await openWithSession(open);
      await store.get(id);
      await store.delete(id);
      for (let times = 0; times < 3; times++) notFound('get', await store.get(id));
    },
    'by update': async (open) => {
      const { store, id } = await openWithSession(open);
      await store.get(id);
      await store.delete(id);
      for (let times = 0; times < 3; times++) {
        notFound('update', await store.update(id, freshAssociations()));
      }
    },
    'by get, when gets were under way': async (open) => {
      const store = await open();
      for (let turns = 0; turns < 5; turns++) {
        const { id } = await createSession(store);
        await besideGets(store, id, turns, () => store.delete(id));
        notFound('get', await store.get(id));
      }
    },
  },

  'No update in flight brings it back': {
    'an update called just before the delete': async (open) => {
      const store = await open();
      for (let round = 0; round < 10; round++) {
        const { id } = await createSession(store);
        await Promise.all([store.update(id, freshAssociations()), store.delete(id)]);
        notFound('get', await store.get(id));
      }
    },
    'an update called just after the delete': async (open) => {
      const store = await open();
      for (let round = 0; round < 10; round++) {
        const { id } = await createSession(store);
        await Promise.all([store.delete(id), store.update(id, freshAssociations())]);
        notFound('get', await store.get(id));
      }
    },
    'many updates around the delete': async (open) => {
      const { store, id } = await openWithSession(open);
      const calls = Array.from({ length: 12 }, () => store.update(id, freshAssociations()));
      const deleted = store.delete(id);
      calls.push(...Array.from({ length: 12 }, () => store.update(id, freshAssociations())));
      await Promise.all([...calls, deleted]);
      notFound('get', await store.get(id));
    },
  },
};
