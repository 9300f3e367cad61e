import { strict as assert } from 'node:assert';
import type { AssociationChanges } from '../../session-info.js';
import { createMany, findLive, showIds } from '../harness/customers.js';
import { expectAssociations, isSession } from '../harness/expect-session.js';
import { freshSessionId, freshValue } from '../harness/fresh.js';
import type { Check, OpenStore, PromiseCases } from '../harness/kit-cases.js';
import { createSession } from '../harness/open-with-session.js';
import { createStagger, measure } from '../harness/stagger.js';
import type { StoreUnderTest } from '../harness/store-under-test.js';

export const deleteByCustomerCases: PromiseCases = {
  'It returns how many live sessions it ended': {
    'none, one and several': async (open) => {
      for (const count of [0, 1, 3]) {
        const { store, customerId } = await openWithMany(open, count);
        expectEnded(await store.deleteByCustomer(customerId), count);
        expectEnded(await store.deleteByCustomer(customerId), 0);
      }
    },
    'without deleted and moved ones': async (open) => {
      const { store, customerId, ids } = await openWithMany(open, 4);
      await store.delete(ids[0] ?? '');
      await store.update(ids[1] ?? '', { customerId: freshValue() });
      await store.update(ids[2] ?? '', { customerId: null });
      expectEnded(await store.deleteByCustomer(customerId), 1);
    },
    'without expired ones': async (open, time) => {
      const store = await open({ idleTimeout: 150 });
      const customerId = freshValue();
      await createMany(store, 2, customerId);
      await time.waitPast(150);
      expectEnded(await store.deleteByCustomer(customerId), 0);
    },
    'without the one that it keeps': async (open) => {
      const { store, customerId, ids } = await openWithMany(open, 3);
      expectEnded(await store.deleteByCustomer(customerId, { except: ids[1] }), 2);
    },
    'in all, of several concurrent calls': async (open) => {
      for (let round = 0; round < 3; round++) {
        const { store, customerId, ids } = await openWithMany(open, 5);
        const ended = await Promise.all(Array.from({ length: 4 }, () => store.deleteByCustomer(customerId)));
        expectEnded(sum(ended), ids.length);
      }
    },
    'without those that concurrent deletes ended': async (open) => {
      for (let round = 0; round < 3; round++) {
        const { store, customerId, ids } = await openWithMany(open, 5);
        const [ended, ...deleted] = await Promise.all([
          store.deleteByCustomer(customerId),
          ...ids.map((id) => store.delete(id)),
        ]);
        expectEnded(sum([ended, ...deleted]), ids.length);
      }
    },
  },

  'It ends all of them, without a limit, unless one changes during the call': {
    'more than a list returns by default': async (open) => {
      const { store, customerId, ids } = await openWithMany(open, 150);
      await store.deleteByCustomer(customerId);
      await expectAllEnded(store, ids);
    },
    'sessions that are read meanwhile': async (open) => {
      const { store, customerId, ids } = await openWithMany(open, 20);
      const stagger = createStagger(ids.length, await measure(() => store.peek(ids[0] ?? '')));
      await Promise.all([
        ...ids.map((id) => store.get(id)),
        store.deleteByCustomer(customerId),
        ...ids.map((id, index) => stagger(index, () => store.get(id))),
      ]);
      await expectAllEnded(store, ids);
    },
  },

  'It keeps the session whose ID is `except`': {
    'one of the customer': async (open) => {
      const { store, customerId, ids } = await openWithMany(open, 3);
      const except = ids[1] ?? '';
      await store.deleteByCustomer(customerId, { except });
      await expectKept(store, [except]);
      await expectAllEnded(
        store,
        ids.filter((id) => id !== except),
      );
      expectAssociations('get', await store.get(except), { customerId });
    },
    'none, if another customer has it': async (open) => {
      const { store, customerId, ids } = await openWithMany(open, 2);
      const { id: except } = await createSession(store, { customerId: freshValue() });
      await store.deleteByCustomer(customerId, { except });
      await expectAllEnded(store, ids);
      await expectKept(store, [except]);
    },
    'none, if it is unknown or undefined': async (open) => {
      for (const except of [freshSessionId(), undefined]) {
        const { store, customerId, ids } = await openWithMany(open, 2);
        await store.deleteByCustomer(customerId, { except });
        await expectAllEnded(store, ids);
      }
    },
    'none, if it differs in letter case': async (open) => {
      const { store, customerId, ids } = await openWithMany(open, 2);
      await store.deleteByCustomer(customerId, { except: ids[0]?.toUpperCase() });
      await expectAllEnded(store, ids);
    },
  },

  "It ends a session only while it is live and the customer's: never one that has moved to another customer":
    {
      'sessions that move meanwhile': keepsMoved(() => ({ customerId: freshValue() })),
      'sessions whose customer is removed meanwhile': keepsMoved(() => ({ customerId: null })),
    },

  'It never ends a session that was created under the same ID after the one it read': {
    'of another customer': keepsRecreated(() => ({ customerId: freshValue() })),
    'without a customer': keepsRecreated(() => ({})),
  },
};

/** An update that found its session moved it away in time: it must be there still. */
function keepsMoved(change: () => AssociationChanges): Check {
  return besideDelete((store, id) => store.update(id, change()));
}

/** A create that found its ID free came after the end of the old session: the new one must be there still. */
function keepsRecreated(associations: () => { customerId?: string }): Check {
  return besideDelete(async (store, id) => {
    await store.delete(id);
    return store.create(id, associations());
  });
}

/** What the call returns while all sessions of their customer are ended must be live afterwards, if it is a session. */
function besideDelete(call: (store: StoreUnderTest, id: string) => Promise<unknown>): Check {
  return async (open) => {
    for (let round = 0; round < 3; round++) {
      const { store, customerId, ids } = await openWithMany(open, 12);
      const stagger = createStagger(ids.length, await measure(() => store.peek(ids[0] ?? '')));
      const [, ...results] = await Promise.all([
        store.deleteByCustomer(customerId),
        ...ids.map((id, index) => stagger(index, () => call(store, id))),
      ]);
      await expectKept(
        store,
        ids.filter((_, index) => isSession(results[index])),
      );
    }
  };
}

async function openWithMany(open: OpenStore, count: number) {
  const store = await open();
  const customerId = freshValue();
  const sessions = await createMany(store, count, customerId);
  return { store, customerId, ids: sessions.map(({ sessionId }) => sessionId) };
}

async function expectAllEnded(store: StoreUnderTest, ids: string[]): Promise<void> {
  const live = await findLive(store, ids);
  const task = `store.deleteByCustomer must end all ${ids.length} sessions here`;
  assert.ok(live.length === 0, `${task}; it did not end ${showIds(live)}`);
}

async function expectKept(store: StoreUnderTest, ids: string[]): Promise<void> {
  const live = await findLive(store, ids);
  const ended = ids.filter((id) => !live.includes(id));
  assert.ok(ended.length === 0, `store.deleteByCustomer must not end ${showIds(ended)} here`);
}

function expectEnded(result: unknown, count: number): void {
  assert.equal(result, count, `store.deleteByCustomer must return ${count} here, not ${String(result)}`);
}

function sum(results: unknown[]): number {
  return results.reduce<number>((total, result) => total + Number(result), 0);
}
