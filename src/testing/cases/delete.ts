import { strict as assert } from 'node:assert';
import { besideReads } from '../harness/beside-reads.js';
import { expectNotFound } from '../harness/expect-session.js';
import { freshAssociations, freshSessionId } from '../harness/fresh.js';
import type { Check, PromiseCases } from '../harness/kit-cases.js';
import { createSession, openWithSession, withEachKeptAlive } from '../harness/open-with-session.js';

const ENDED = 'store.delete must return true if it ended the session';
const NOT_ENDED = 'store.delete must return false if there is no session';

export const deleteCases: PromiseCases = {
  'It returns whether this call ended a live session': {
    'a live session': async (open) => {
      const { store, id } = await openWithSession(open);
      assert.equal(await store.delete(id), true, ENDED);
    },
    'a live session that had activity': async (open) => {
      const { store, id } = await openWithSession(open);
      await store.get(id);
      await store.update(id, freshAssociations());
      assert.equal(await store.delete(id), true, ENDED);
    },
    'a live session that activity kept alive past its first deadline': (open, time) =>
      withEachKeptAlive(open, time, async ({ store, id, inTime }) => {
        const result = await store.delete(id);
        if (!result) inTime();
        assert.equal(result, true, ENDED);
      }),
    'a deleted session': async (open) => {
      const { store, id } = await openWithSession(open);
      await store.delete(id);
      assert.equal(await store.delete(id), false, NOT_ENDED);
    },
    'an unknown ID': async (open) => {
      const store = await open();
      assert.equal(await store.delete(freshSessionId()), false, NOT_ENDED);
    },
  },

  'The session is not found from then on': {
    'by get': async (open) => {
      const { store, id } = await openWithSession(open);
      await store.get(id);
      await store.delete(id);
      for (let times = 0; times < 3; times++) expectNotFound('get', await store.get(id));
    },
    'by peek': async (open) => {
      const { store, id } = await openWithSession(open);
      await store.peek(id);
      await store.delete(id);
      for (let times = 0; times < 3; times++) expectNotFound('peek', await store.peek(id));
    },
    'by update': async (open) => {
      const { store, id } = await openWithSession(open);
      await store.get(id);
      await store.delete(id);
      for (let times = 0; times < 3; times++) {
        expectNotFound('update', await store.update(id, freshAssociations()));
      }
    },
    'by get, if gets were in flight': notFoundBeside('get'),
    'by get, if peeks were in flight': notFoundBeside('peek'),
  },

  'An update in flight does not revive it': {
    'an update called just before the delete': async (open) => {
      const store = await open();
      for (let round = 0; round < 10; round++) {
        const { id } = await createSession(store);
        await Promise.all([store.update(id, freshAssociations()), store.delete(id)]);
        expectNotFound('get', await store.get(id));
      }
    },
    'an update called just after the delete': async (open) => {
      const store = await open();
      for (let round = 0; round < 10; round++) {
        const { id } = await createSession(store);
        await Promise.all([store.delete(id), store.update(id, freshAssociations())]);
        expectNotFound('get', await store.get(id));
      }
    },
    'many updates around the delete': async (open) => {
      const { store, id } = await openWithSession(open);
      const calls = Array.from({ length: 12 }, () => store.update(id, freshAssociations()));
      const deleted = store.delete(id);
      calls.push(...Array.from({ length: 12 }, () => store.update(id, freshAssociations())));
      await Promise.all([...calls, deleted]);
      expectNotFound('get', await store.get(id));
    },
  },
};

function notFoundBeside(method: 'get' | 'peek'): Check {
  return async (open, time) => {
    const options = { method, associations: {} };
    const { store, ids } = await besideReads(open, time, options, (store, id) => store.delete(id));
    for (const result of await Promise.all(ids.map((id) => store.get(id)))) expectNotFound('get', result);
  };
}
