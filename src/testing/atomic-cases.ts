import { strict as assert } from 'node:assert';
import { besideGets } from './beside-gets.js';
import { freshAssociations, freshSessionId, freshValue } from './fresh-names.js';
import { createSession } from './open-with-session.js';
import type { PromiseCases } from './run-case.js';
import { found, foundWith, isSession } from './session-assertions.js';

export const atomicCases: PromiseCases = {
  'It is atomic: calls at the same time have the effect of the same calls one after the other': {
    'several deletes, one of which ends the session': async (open) => {
      const store = await open();
      const id = freshSessionId();
      await store.create(id, freshAssociations());
      const answers = await Promise.all(Array.from({ length: 10 }, () => store.delete(id)));
      const ended = answers.filter(Boolean).length;
      assert.equal(ended, 1, `one of several deletes at the same time must end the session, not ${ended}`);
    },
    'several creates and deletes, which end no more sessions than were made': async (open) => {
      const store = await open();
      const id = freshSessionId();
      await store.create(id, {});
      const creates = [store.create(id, {})];
      const deletes = Array.from({ length: 3 }, () => store.delete(id));
      creates.push(store.create(id, {}));
      deletes.push(...Array.from({ length: 3 }, () => store.delete(id)));
      const [created, deleted] = await Promise.all([Promise.all(creates), Promise.all(deletes)]);
      const made = 1 + created.filter(isSession).length;
      const ended = deleted.filter(Boolean).length;
      const left = isSession(await store.get(id)) ? 1 : 0;
      assert.equal(ended + left, made, `of ${made} sessions made, ${ended} were ended and ${left} is left`);
    },
    'a create and an update, which answers nothing or what the create made and its own': async (open) => {
      const store = await open();
      for (let round = 0; round < 10; round++) {
        const id = freshSessionId();
        const agentId = freshValue();
        const customerId = freshValue();
        const [created, updated] = await Promise.all([
          store.create(id, { agentId }),
          store.update(id, { customerId }),
        ]);
        found('create', created);
        if (isSession(updated)) foundWith('update', updated, { agentId, customerId });
        const now = isSession(updated) ? { agentId, customerId } : { agentId };
        foundWith('get', await store.get(id), now);
      }
    },
    'a delete and a get, which answers nothing or the whole session': async (open) => {
      const store = await open();
      for (let round = 0; round < 10; round++) {
        const id = freshSessionId();
        const associations = freshAssociations();
        await store.create(id, associations);
        const [before, , after] = await Promise.all([store.get(id), store.delete(id), store.get(id)]);
        if (isSession(before)) foundWith('get', before, associations);
        if (isSession(after)) foundWith('get', after, associations);
      }
    },
    'gets and an update, which they do not undo': async (open) => {
      const store = await open();
      for (let turns = 0; turns < 5; turns++) {
        const { id } = await createSession(store, {});
        const associations = freshAssociations();
        await besideGets(store, id, turns, () => store.update(id, associations));
        foundWith('get', await store.get(id), associations);
      }
    },
  },
};
