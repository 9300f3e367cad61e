import { strict as assert } from 'node:assert';
import { setImmediate as turn } from 'node:timers/promises';
import type { SessionAssociations } from '../../session-info.js';
import { expectAssociations, expectSession } from '../harness/expect-session.js';
import { freshAssociations, freshValue, sameVisit } from '../harness/fresh.js';
import type { Check, PromiseCases } from '../harness/kit-cases.js';
import { createSession, openWithSession } from '../harness/open-with-session.js';

export const concurrentUpdateCases: PromiseCases = {
  'Of several concurrent updates none is lost': {
    'each sets another member, of a session that has none': async (open) => {
      const store = await open();
      for (let round = 0; round < 5; round++) {
        const { id } = await createSession(store, {});
        const associations = freshAssociations();
        await Promise.all(oneByOne(associations).map((one) => store.update(id, one)));
        expectAssociations('get', await store.get(id), associations);
      }
    },
    'each sets another member, of a session that has all four': async (open) => {
      const store = await open();
      for (let round = 0; round < 5; round++) {
        const { id } = await createSession(store, freshAssociations());
        const associations = freshAssociations();
        await Promise.all(oneByOne(associations).map((one) => store.update(id, one)));
        expectAssociations('get', await store.get(id), associations);
      }
    },
    'each removes another member, or sets one': async (open) => {
      const store = await open();
      for (let round = 0; round < 5; round++) {
        const { id } = await createSession(store, freshAssociations());
        const { agentId, visitId } = freshAssociations();
        const changes = [{ customerId: null }, { agentId }, { globalVisitId: null }, { visitId }];
        await Promise.all(changes.map((one) => store.update(id, one)));
        expectAssociations('get', await store.get(id), { agentId, visitId });
      }
    },
    'many set one member, and one sets another': async (open) => {
      const { store, id } = await openWithSession(open, {});
      const customerId = freshValue();
      const visits: SessionAssociations[] = Array.from({ length: 12 }, () => ({ visitId: freshValue() }));
      await Promise.all(visits.toSpliced(6, 0, { customerId }).map((one) => store.update(id, one)));
      const info = expectSession('get', await store.get(id));
      assert.equal(info.customerId, customerId, 'the one update that set customerId must not be lost');
      assert.ok(
        visits.some(({ visitId }) => visitId === info.visitId),
        'visitId must be one that an update set',
      );
    },
  },

  'The members of one update are never seen apart': {
    'read after several concurrent updates': async (open) => {
      const { store, id } = await openWithSession(open, sameVisit());
      for (let round = 0; round < 5; round++) {
        await Promise.all(Array.from({ length: 6 }, () => store.update(id, sameVisit())));
        expectTogether('get', await store.get(id));
      }
    },
    'in the results of several concurrent updates': async (open) => {
      const { store, id } = await openWithSession(open, sameVisit());
      const results = await Promise.all(Array.from({ length: 6 }, () => store.update(id, sameVisit())));
      for (const result of results) expectTogether('update', result);
    },
    'read by get while updates run': readWhileUpdatesRun('get'),
    'read by peek while updates run': readWhileUpdatesRun('peek'),
  },
};

function readWhileUpdatesRun(method: 'get' | 'peek'): Check {
  return async (open) => {
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
        expectTogether(method, await store[method](id));
        // Lets the writer go on if reads return at once and updates do not.
        await turn();
      }
    }
    await Promise.all([write(), read(), read()]);
  };
}

function oneByOne(associations: SessionAssociations): SessionAssociations[] {
  return Object.entries(associations).map(([name, value]) => ({ [name]: value }));
}

function expectTogether(method: string, result: unknown): void {
  const { visitId, globalVisitId } = expectSession(method, result);
  const message = `store.${method} returned members of two updates, each of which set both`;
  assert.equal(globalVisitId, visitId, message);
}
