import { strict as assert } from 'node:assert';
import { setImmediate as turn } from 'node:timers/promises';
import { ASSOCIATION_NAMES, type SessionAssociations } from '../../session-info.js';
import { besideReads } from '../harness/beside-reads.js';
import { waitForNextTime } from '../harness/case-time.js';
import { expectAlive, expectAssociations, expectSession, isSession } from '../harness/expect-session.js';
import { freshAssociations, freshSessionId, freshValue } from '../harness/fresh.js';
import type { Check, PromiseCases } from '../harness/kit-cases.js';
import { createSession } from '../harness/open-with-session.js';

export const atomicCases: PromiseCases = {
  'It is atomic: concurrent calls have the same effect as some sequence of these calls': {
    'several deletes, of which one ends the session': async (open) => {
      const store = await open();
      const { id } = await createSession(store);
      const results = await Promise.all(Array.from({ length: 10 }, () => store.delete(id)));
      const ended = results.filter(Boolean).length;
      assert.equal(ended, 1, `one of several concurrent deletes must end the session, not ${ended}`);
    },
    'several creates and deletes, which end no more sessions than were created': async (open) => {
      const store = await open();
      const id = freshSessionId();
      await store.create(id, {});
      const creates = [store.create(id, {})];
      const deletes = Array.from({ length: 3 }, () => store.delete(id));
      creates.push(store.create(id, {}));
      deletes.push(...Array.from({ length: 3 }, () => store.delete(id)));
      const [created, deleted] = await Promise.all([Promise.all(creates), Promise.all(deletes)]);
      const all = 1 + created.filter(isSession).length;
      const ended = deleted.filter(Boolean).length;
      const left = isSession(await store.get(id)) ? 1 : 0;
      assert.equal(ended + left, all, `of ${all} sessions created, ${ended} were ended and ${left} remained`);
    },
    'a create and an update, which finds nothing or what was created': async (open) => {
      const store = await open();
      for (let round = 0; round < 10; round++) {
        const id = freshSessionId();
        const agentId = freshValue();
        const customerId = freshValue();
        const [created, updated] = await Promise.all([
          store.create(id, { agentId }),
          store.update(id, { customerId }),
        ]);
        expectSession('create', created);
        if (isSession(updated)) expectAssociations('update', updated, { agentId, customerId });
        const now = isSession(updated) ? { agentId, customerId } : { agentId };
        expectAssociations('get', await store.get(id), now);
      }
    },
    'a delete and reads, which find nothing or the whole session': async (open) => {
      const store = await open();
      for (let round = 0; round < 10; round++) {
        const { id, associations } = await createSession(store, freshAssociations());
        const read = () => [store.get(id), store.peek(id)];
        const before = read();
        const deleted = store.delete(id);
        const results = await Promise.all([...before, ...read(), deleted]);
        for (const result of results) if (isSession(result)) expectAssociations('get', result, associations);
      }
    },
    'an update and reads, which find the session as it was or as it is': async (open) => {
      const store = await open();
      for (let round = 0; round < 5; round++) {
        const { id, ...old } = await createSession(store, { visitId: freshValue() });
        await waitForNextTime();
        const visitId = freshValue();
        const updating = store.update(id, { visitId });
        const reads: unknown[] = [];
        for (const method of ['peek', 'get', 'peek'] as const) {
          reads.push(await store[method](id));
          await turn();
        }
        const updated = expectSession('update', await updating);
        for (const result of reads) {
          const info = expectSession('get', result);
          const expected = info.visitId === visitId ? updated.updatedAt : old.updatedAt;
          assert.equal(
            info.updatedAt,
            expected,
            'updatedAt must come from the same update as the associations',
          );
        }
      }
    },
    'several updates, whose results follow one another': async (open) => {
      const store = await open();
      for (let round = 0; round < 5; round++) {
        const { id } = await createSession(store, {});
        const one = Object.entries(freshAssociations()).map(([name, value]) => ({ [name]: value }));
        const results = await Promise.all(one.map((associations) => store.update(id, associations)));
        const counts = results.map((result) => {
          const info = expectSession('update', result);
          return ASSOCIATION_NAMES.filter((name) => info[name] !== undefined).length;
        });
        const message = 'of concurrent updates that each set another member, each result must have one more';
        assert.deepEqual(counts.toSorted(), [1, 2, 3, 4], `${message}; they have ${counts.join(', ')}`);
      }
    },
    'gets and an update, which they do not undo': undoNoUpdate('get'),
    'peeks and an update, which they do not undo': undoNoUpdate('peek'),
  },
};

function undoNoUpdate(method: 'get' | 'peek'): Check {
  return async (open, time) => {
    const given = new Map<string, SessionAssociations>();
    const options = { method, associations: {} };
    const { store, ids, inTime } = await besideReads(open, time, options, (store, id) => {
      given.set(id, freshAssociations());
      return store.update(id, given.get(id) ?? {});
    });
    for (const id of ids) {
      const info = expectAlive('get', await store.get(id), inTime);
      expectAssociations('get', info, given.get(id) ?? {});
    }
  };
}
