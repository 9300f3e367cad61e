import { strict as assert } from 'node:assert';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { SessionAssociations } from '../session-info.js';
import { freshAssociations, freshValue } from './fresh-names.js';
import { createSession, openWithSession } from './open-with-session.js';
import type { PromiseCases } from './run-case.js';
import { found, foundWith } from './session-assertions.js';

export const concurrentUpdateCases: PromiseCases = {
  'Of several updates at the same time none is lost': {
    'each names another member, of a session that has none': async (open) => {
      const store = await open();
      for (let round = 0; round < 5; round++) {
        const { id } = await createSession(store, {});
        const associations = freshAssociations();
        await Promise.all(oneByOne(associations).map((named) => store.update(id, named)));
        foundWith('get', await store.get(id), associations);
      }
    },
    'each names another member, of a session that has all four': async (open) => {
      const store = await open();
      for (let round = 0; round < 5; round++) {
        const { id } = await createSession(store, freshAssociations());
        const associations = freshAssociations();
        await Promise.all(oneByOne(associations).map((named) => store.update(id, named)));
        foundWith('get', await store.get(id), associations);
      }
    },
    'many name one member, and one names another': async (open) => {
      const { store, id } = await openWithSession(open, {});
      const customerId = freshValue();
      const visits = Array.from({ length: 12 }, () => ({ visitId: freshValue() }));
      const updates = visits.toSpliced(6, 0, { customerId } as object as { visitId: string });
      await Promise.all(updates.map((named) => store.update(id, named)));
      const info = found('get', await store.get(id));
      assert.equal(info.customerId, customerId, 'the one update that named customerId must not be lost');
      assert.ok(
        visits.some(({ visitId }) => visitId === info.visitId),
        'visitId must be one that an update named',
      );
    },
  },

  'The members of one update are never seen apart': {
    'read after several updates at the same time': async (open) => {
      const { store, id } = await openWithSession(open, sameVisit());
      for (let round = 0; round < 5; round++) {
        await Promise.all(Array.from({ length: 6 }, () => store.update(id, sameVisit())));
        assertTogether('get', await store.get(id));
      }
    },
    'in the answers of several updates at the same time': async (open) => {
      const { store, id } = await openWithSession(open, sameVisit());
      const answers = await Promise.all(Array.from({ length: 6 }, () => store.update(id, sameVisit())));
      for (const answer of answers) assertTogether('update', answer);
    },
    'read while updates are made': async (open) => {
      const { store, id } = await openWithSession(open, sameVisit());
      let isWriting = true;
      async function write() {
        try {
          for (let times = 0; times < 20; times++) await store.update(id, sameVisit());
        } finally {
          isWriting = false;
        }
      }
      async function read() {
        while (isWriting) {
          assertTogether('get', await store.get(id));
          // Lets the writer go on when get answers at once and update does not.
          await nextTurn();
        }
      }
      await Promise.all([write(), read(), read()]);
    },
  },
};

function oneByOne(associations: SessionAssociations): SessionAssociations[] {
  return Object.entries(associations).map(([name, value]) => ({ [name]: value }));
}

/** Two members with one value: when they differ, they are of two updates. */
function sameVisit() {
  const value = freshValue();
  return { visitId: value, globalVisitId: value };
}

function assertTogether(method: string, answer: unknown): void {
  const { visitId, globalVisitId } = found(method, answer);
  assert.equal(
    globalVisitId,
    visitId,
    `store.${method} answered members of two updates, each of which named both`,
  );
}
