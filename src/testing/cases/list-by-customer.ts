import { strict as assert } from 'node:assert';
import type { SessionAssociations, SessionInfo } from '../../session-info.js';
import { waitForNextTime } from '../harness/case-time.js';
import { createInTurn, createMany, expectList, idsOf, showIds } from '../harness/customers.js';
import {
  expectAlive,
  expectAssociations,
  expectNotFound,
  expectTimes,
  momentOf,
} from '../harness/expect-session.js';
import { freshAssociations, freshValue } from '../harness/fresh.js';
import type { Check, PromiseCases } from '../harness/kit-cases.js';
import { createSession, openWithSession } from '../harness/open-with-session.js';
import type { StoreUnderTest } from '../harness/store-under-test.js';

export const listByCustomerCases: PromiseCases = {
  'They are sorted by `createdAt`, newest first': {
    'as they were created': isSorted(() => Promise.resolve()),
    'after activity in another order': isSorted(async (store, ids) => {
      for (const id of [...ids].reverse()) await store.get(id);
    }),
    'after updates in another order': isSorted(async (store, ids, customerId) => {
      for (const id of [...ids].reverse()) await store.update(id, { agentId: freshValue(), customerId });
    }),
    'after they moved to the customer in another order': isSorted(async (store, ids, customerId) => {
      for (const index of [2, 0, 3, 1]) await store.update(ids[index] ?? '', { customerId });
    }, {}),
  },

  'With `limit`, a whole number from 1 to 1000, it returns the newest ones': {
    'fewer than there are': async (open) => {
      const store = await open();
      const customerId = freshValue();
      const sessions = await createInTurn(store, 5, { customerId });
      for (const limit of [1, 2, 4]) {
        expectNewest(await store.listByCustomer(customerId, { limit }), limit, sessions);
      }
    },
    'as many as there are, and more': async (open) => {
      const store = await open();
      const customerId = freshValue();
      const sessions = await createInTurn(store, 3, { customerId });
      for (const limit of [3, 4, 1000]) {
        expectNewest(await store.listByCustomer(customerId, { limit }), 3, sessions);
      }
    },
    'more than by default': async (open) => {
      const store = await open();
      const customerId = freshValue();
      const sessions = await createMany(store, 103, customerId);
      expectNewest(await store.listByCustomer(customerId, { limit: 102 }), 102, sessions);
    },
    'after the oldest ones were updated': async (open) => {
      const store = await open();
      const customerId = freshValue();
      const sessions = await createInTurn(store, 5, { customerId });
      for (const { sessionId } of sessions.slice(0, 2)) await store.update(sessionId, { customerId });
      expectNewest(await store.listByCustomer(customerId, { limit: 2 }), 2, sessions);
    },
    'after the newest ones were deleted, moved and removed': async (open) => {
      const store = await open();
      const customerId = freshValue();
      const sessions = await createInTurn(store, 5, { customerId });
      const [deleted = '', moved = '', removed = ''] = sessions.slice(2).map(({ sessionId }) => sessionId);
      await store.delete(deleted);
      await store.update(moved, { customerId: freshValue() });
      await store.update(removed, { customerId: null });
      expectNewest(await store.listByCustomer(customerId, { limit: 2 }), 2, sessions.slice(0, 2));
    },
    'after the newest one expired': async (open, time) => {
      const store = await open({ idleTimeout: 400 });
      const customerId = freshValue();
      const oldInTime = time.startTimeout(400);
      const [old, newest] = await createInTurn(store, 2, { customerId });
      const created = performance.now();
      await time.sleepUntil(created, 200);
      const inTime = time.startTimeout(400);
      expectAlive('get', await store.get(old?.sessionId ?? ''), oldInTime);
      await time.sleepUntil(created, 420);
      const list = await store.listByCustomer(customerId, { limit: 1 });
      inTime();
      assert.ok(newest);
      expectNewest(list, 1, old ? [old] : []);
    },
  },
  'Default 100': {
    'without options': hasDefault(undefined),
    'with options that have no limit': hasDefault({}, { limit: undefined }),
  },
  'Without sessions it returns an empty list': {
    'an unknown customer': async (open) => {
      const store = await open();
      expectEmpty(await store.listByCustomer(freshValue()));
    },
    'a customer whose sessions were deleted': async (open) => {
      const customerId = freshValue();
      const { store, id } = await openWithSession(open, { customerId });
      await store.delete(id);
      expectEmpty(await store.listByCustomer(customerId));
      expectEmpty(await store.listByCustomer(customerId, { limit: 1 }));
    },
    'names that every object has': async (open) => {
      const store = await open();
      // Another run of the kit on this backend may have such a session.
      for (const name of ['__proto__', 'constructor', 'toString'])
        expectList(await store.listByCustomer(name));
    },
  },
  'It does not count as activity and changes nothing': {
    'lists again and again, which do not extend the idle timeout': async (open, time) => {
      const idleTimeout = 400;
      const store = await open({ idleTimeout });
      const customerId = freshValue();
      const createdInTime = time.startTimeout(idleTimeout);
      const { id } = await createSession(store, { customerId });
      const created = performance.now();
      let inTime = createdInTime;
      for (const ms of [80, 160, 240]) {
        await time.sleepUntil(created, ms);
        inTime = time.startTimeout(idleTimeout);
        await store.listByCustomer(customerId);
      }
      createdInTime();
      await time.sleepUntil(created, idleTimeout + 30);
      const result = await store.get(id);
      inTime();
      expectNotFound('get', result);
    },
    'lists again and again, which do not shorten it': async (open, time) => {
      const store = await open({ idleTimeout: 400 });
      const customerId = freshValue();
      const inTime = time.startTimeout(400);
      const { id } = await createSession(store, { customerId });
      const created = performance.now();
      for (let times = 0; times < 3; times++) await store.listByCustomer(customerId, { limit: 1 });
      await time.sleepUntil(created, 300);
      expectAlive('get', await store.get(id), inTime);
    },
    'the associations and times': async (open) => {
      const { store, id, associations, ...before } = await openWithSession(open, freshAssociations());
      for (let times = 0; times < 3; times++) {
        await waitForNextTime();
        await store.listByCustomer(associations.customerId ?? '');
      }
      expectTimes('get', expectAssociations('get', await store.get(id), associations), before);
    },
  },
  'The list and its sessions are frozen or copies': {
    'a session of the list': async (open) => {
      const { store, id, associations } = await openWithSession(open, freshAssociations());
      const customerId = associations.customerId ?? '';
      for (const info of expectList(await store.listByCustomer(customerId))) overwrite(info);
      expectAssociations('get', await store.get(id), associations);
      for (const info of expectList(await store.listByCustomer(customerId))) {
        expectAssociations('listByCustomer', info, associations);
      }
    },
    'the list': async (open) => {
      const customerId = freshValue();
      const { store, id } = await openWithSession(open, { customerId });
      const first = await store.listByCustomer(customerId);
      if (Array.isArray(first)) Reflect.set(first, 'length', 0);
      const next = idsOf(await store.listByCustomer(customerId));
      assert.deepEqual(next, [id], `store.listByCustomer must list ${id} again here, not ${showIds(next)}`);
    },
  },
};

/** Writes to every member, as far as the object lets it. */
function overwrite(info: SessionInfo): void {
  for (const name of Object.keys(info)) Reflect.set(info, name, 'overwritten');
}

function isSorted(
  act: (store: StoreUnderTest, ids: string[], customerId: string) => Promise<unknown>,
  associations?: SessionAssociations,
): Check {
  return async (open) => {
    const store = await open();
    const customerId = freshValue();
    const sessions = await createInTurn(store, 4, associations ?? { customerId });
    await act(
      store,
      sessions.map(({ sessionId }) => sessionId),
      customerId,
    );
    const list = expectList(await store.listByCustomer(customerId));
    for (const [index, info] of list.entries()) {
      const before = list[index - 1] ?? info;
      assert.ok(
        createdAt(before) >= createdAt(info),
        `store.listByCustomer must list ${info.sessionId} before the older ${before.sessionId}`,
      );
    }
  };
}

/** Two sessions may have been created at the same time, so it compares times. */
function expectNewest(result: unknown, limit: number, sessions: readonly SessionInfo[]): void {
  const list = newestFirst(expectList(result));
  const wanted = newestFirst(sessions).slice(0, limit);
  const [listed, newest] = [idsOf(list), idsOf(wanted)];
  const missing = showIds(newest.filter((id) => !listed.includes(id)));
  const task = `store.listByCustomer must list the newest ${limit} of ${sessions.length} here`;
  const wrong = showIds(listed.filter((id) => !newest.includes(id)));
  assert.ok(
    `${list.map(createdAt)}` === `${wanted.map(createdAt)}`,
    `${task}; it listed ${list.length}; missing: ${missing}; wrong: ${wrong}`,
  );
}

function newestFirst(infos: readonly SessionInfo[]): SessionInfo[] {
  return infos.toSorted((one, other) => createdAt(other) - createdAt(one));
}

function createdAt(info: SessionInfo): number {
  return momentOf(info, 'createdAt');
}

function hasDefault(...options: ({ limit?: undefined } | undefined)[]): Check {
  return async (open) => {
    const store = await open();
    const customerId = freshValue();
    const sessions = await createMany(store, 103, customerId);
    for (const each of options) {
      expectNewest(
        await (each ? store.listByCustomer(customerId, each) : store.listByCustomer(customerId)),
        100,
        sessions,
      );
    }
  };
}

function expectEmpty(result: unknown): void {
  const ids = idsOf(expectList(result));
  assert.ok(ids.length === 0, `store.listByCustomer must return an empty list here, not ${showIds(ids)}`);
}
