import { strict as assert } from 'node:assert';
import { setImmediate as turn } from 'node:timers/promises';
import type { CaseTime, CheckInTime } from '../harness/case-time.js';
import { expectList, findLive, idsOf } from '../harness/customers.js';
import { expectSession, isSession } from '../harness/expect-session.js';
import { freshDigits, freshSessionId, freshValue } from '../harness/fresh.js';
import type { Check, OpenStore, PromiseCases } from '../harness/kit-cases.js';
import { createSession, openWithKeptAlive } from '../harness/open-with-session.js';
import type { StoreUnderTest } from '../harness/store-under-test.js';

/** Sets some sessions up: those that the result must include, or must not. */
type Situation = (
  customerId: string,
  open: OpenStore,
  time: CaseTime,
) => Promise<{ store: StoreUnderTest; ids: string[]; inTime?: CheckInTime }>;

const included: Record<string, Situation> = {
  'a session created with the customer': async (customerId, open) => {
    const store = await open();
    const { id } = await createSession(store, { customerId });
    return { store, ids: [id] };
  },
  'a session that an update gave the customer': async (customerId, open) => {
    const store = await open();
    const { id } = await createSession(store);
    await store.update(id, { customerId });
    return { store, ids: [id] };
  },
  'a session that moved to the customer': async (customerId, open) => {
    const store = await open();
    const { id } = await createSession(store, { customerId: freshValue() });
    await store.update(id, { customerId });
    return { store, ids: [id] };
  },
  'a session that moved away and back': async (customerId, open) => {
    const store = await open();
    const { id } = await createSession(store, { customerId });
    await store.update(id, { customerId: freshValue() });
    await store.listByCustomer(customerId);
    await store.update(id, { customerId });
    return { store, ids: [id] };
  },
  'a session whose customer was removed and set again': async (customerId, open) => {
    const store = await open();
    const { id } = await createSession(store, { customerId });
    await store.update(id, { customerId: null });
    await store.update(id, { customerId });
    return { store, ids: [id] };
  },
  'a session with other members changed since': async (customerId, open) => {
    const store = await open();
    const { id } = await createSession(store, { customerId });
    await store.update(id, { agentId: freshValue() });
    await store.update(id, { agentId: null, customerId: undefined });
    return { store, ids: [id] };
  },
  'a session that a get kept alive past its first deadline': async (customerId, open, time) => {
    const keep = (store: StoreUnderTest, id: string) => store.get(id);
    const { id, ...kept } = await openWithKeptAlive(open, time, keep, { customerId });
    return { ...kept, ids: [id] };
  },
  'a session that an update kept alive past its first deadline': async (customerId, open, time) => {
    const keep = (store: StoreUnderTest, id: string) => store.update(id, {});
    const { id, ...kept } = await openWithKeptAlive(open, time, keep, { customerId });
    return { ...kept, ids: [id] };
  },
  'a new session under the ID of a deleted one': async (customerId, open) => {
    const store = await open();
    const { id } = await createSession(store, { customerId });
    await store.delete(id);
    await store.listByCustomer(customerId);
    await store.create(id, { customerId });
    return { store, ids: [id] };
  },
  'a new session under the ID of an expired one': async (customerId, open, time) => {
    const store = await open({ idleTimeout: 300 });
    const { id } = await createSession(store, { customerId });
    await time.waitPast(300);
    const inTime = time.startTimeout(300);
    await store.create(id, { customerId });
    return { store, ids: [id], inTime };
  },
  'a new session under the ID of one that was deleted at the same time': async (customerId, open) => {
    const store = await open();
    const ids: string[] = [];
    for (let round = 0; round < 5; round++) {
      const { id } = await createSession(store, { customerId });
      const [, created] = await Promise.all([store.delete(id), store.create(id, { customerId })]);
      if (isSession(created)) ids.push(id);
    }
    return { store, ids };
  },
  'the others of a customer with a deleted session': async (customerId, open) => {
    const store = await open();
    const one = await createSession(store, { customerId });
    const two = await createSession(store, { customerId });
    const three = await createSession(store, { customerId });
    await store.delete(two.id);
    return { store, ids: [one.id, three.id] };
  },
  'sessions created at once': async (customerId, open) => {
    const store = await open();
    const sessions = await Promise.all(
      Array.from({ length: 10 }, () => createSession(store, { customerId })),
    );
    return { store, ids: sessions.map(({ id }) => id) };
  },
  'sessions created while lists ran': async (customerId, open) => {
    const store = await open();
    const sessions = whileListing(store, customerId, () => createSession(store, { customerId }));
    return { store, ids: (await sessions).map(({ id }) => id) };
  },
  'sessions that moved to the customer while lists ran': async (customerId, open) => {
    const store = await open();
    const created = await Promise.all(Array.from({ length: 5 }, () => createSession(store)));
    const ids = created.map(({ id }) => id);
    await whileListing(store, customerId, (index) => store.update(ids[index] ?? '', { customerId }));
    return { store, ids };
  },
};

const excluded: Record<string, Situation> = {
  'a session of another customer': async (_, open) => {
    const store = await open();
    const { id } = await createSession(store, { customerId: freshValue() });
    return { store, ids: [id] };
  },
  'a session without a customer': async (customerId, open) => {
    const store = await open();
    const { id } = await createSession(store, { visitId: customerId });
    return { store, ids: [id] };
  },
  'a session that moved to another customer': async (customerId, open) => {
    const store = await open();
    const { id } = await createSession(store, { customerId });
    await store.update(id, { customerId: freshValue() });
    return { store, ids: [id] };
  },
  'a session whose customer was removed': async (customerId, open) => {
    const store = await open();
    const { id } = await createSession(store, { customerId });
    await store.update(id, { customerId: null });
    return { store, ids: [id] };
  },
  'a session of another customer under the ID of a deleted one': async (customerId, open) => {
    const store = await open();
    const { id } = await createSession(store, { customerId });
    await store.delete(id);
    await store.create(id, { customerId: freshValue() });
    return { store, ids: [id] };
  },
  'a session of another customer under the ID of an expired one': async (customerId, open, time) => {
    const store = await open({ idleTimeout: 300 });
    const { id } = await createSession(store, { customerId });
    await time.waitPast(300);
    const inTime = time.startTimeout(300);
    await store.create(id, { customerId: freshValue() });
    return { store, ids: [id], inTime };
  },
  'a session of another customer, for which a create was refused': async (customerId, open) => {
    const store = await open();
    const { id } = await createSession(store, { customerId: freshValue() });
    await store.create(id, { customerId });
    return { store, ids: [id] };
  },
  'a session of another customer, created after an update that found none': async (customerId, open) => {
    const store = await open();
    const id = freshSessionId();
    await store.update(id, { customerId });
    await store.create(id, { customerId: freshValue() });
    return { store, ids: [id] };
  },
};

const notLive: Record<string, Situation> = {
  'a deleted session': async (customerId, open) => {
    const store = await open();
    const { id } = await createSession(store, { customerId });
    await store.delete(id);
    return { store, ids: [id] };
  },
  'a session after its idle timeout': async (customerId, open, time) => {
    const store = await open({ idleTimeout: 150 });
    const { id } = await createSession(store, { customerId });
    await time.waitPast(150);
    return { store, ids: [id] };
  },
  'a session after its absolute timeout': async (customerId, open, time) => {
    const store = await open({ absoluteTimeout: 150 });
    const { id } = await createSession(store, { customerId });
    await time.waitPast(150);
    return { store, ids: [id] };
  },
  'a session that deleteByCustomer ended': async (customerId, open) => {
    const store = await open();
    const { id } = await createSession(store, { customerId });
    await store.deleteByCustomer(customerId);
    return { store, ids: [id] };
  },
};

/** Customer IDs, of which the first must not be taken for one of the others. */
const similar: Record<string, (id: string) => [string, ...string[]]> = {
  'letter case': (id) => [`${id}-a`, `${id}-A`, id.toUpperCase()],
  'spaces at the ends': (id) => [id, `${id} `, ` ${id}`, `${id}\u00a0`],
  'an ID that others begin or end with': (id) => [id, `${id}a`, `${id}:a`, `a:${id}`, `${id}*`],
  accents: (id) => [`${id}\u00e9`, `${id}e\u0301`, `${id}e`],
  wildcards: (id) => [`${id}%`, `${id}a`, `${id}_`, `${id}*`],
  quotes: (id) => [`${id}' OR '1'='1`, id, `${id}''`],
  'the same number': () => {
    const digits = freshDigits();
    return [digits, `0${digits}`, `${digits}.0`, `${digits}e0`];
  },
  'the last of 256 units': (id) => [
    `${id.padEnd(255, 'x')}a`,
    `${id.padEnd(255, 'x')}b`,
    id.padEnd(255, 'x'),
  ],
};

export const customerResultCases: PromiseCases = {
  'The result includes every live session whose association with the customer was confirmed before the call began and has not changed since':
    {
      ...forBothMethods(included, expectIncluded),
      'each as peek returns it, listed': async (open) => {
        const store = await open();
        const customerId = freshValue();
        for (const more of [
          {},
          { agentId: freshValue(), visitId: freshValue(), globalVisitId: freshValue() },
        ]) {
          await createSession(store, { customerId, ...more });
        }
        const list = expectList(await store.listByCustomer(customerId));
        assert.equal(list.length, 2, `store.listByCustomer must return 2 sessions here, not ${list.length}`);
        for (const info of list) {
          const peeked = expectSession('peek', await store.peek(info.sessionId));
          assert.deepEqual(
            { ...info },
            { ...peeked },
            'store.listByCustomer must return each session as peek does',
          );
        }
      },
    },
  'An association is confirmed once any call has returned it': {
    'peek has, before create returned; listed': seenBefore('create', 'listByCustomer'),
    'peek has, before create returned; ended': seenBefore('create', 'deleteByCustomer'),
    'peek has, before update returned; listed': seenBefore('update', 'listByCustomer'),
    'peek has, before update returned; ended': seenBefore('update', 'deleteByCustomer'),
  },
  "It includes no session that was not, at some moment during the call, live and the customer's": {
    ...forBothMethods(excluded, expectExcluded),
    ...Object.fromEntries(
      Object.entries(notLive).map(([name, situation]) => [
        name,
        forMethod(situation, expectExcluded, 'listByCustomer'),
      ]),
    ),
  },
  'It compares customer IDs exactly': Object.fromEntries(
    Object.entries(similar).flatMap(([difference, idsLike]) => [
      [`${difference}, listed`, comparesExactly(idsLike, 'listByCustomer')],
      [`${difference}, ended`, comparesExactly(idsLike, 'deleteByCustomer')],
    ]),
  ),
};

type Method = 'listByCustomer' | 'deleteByCustomer';
type Expect = (method: Method, result: unknown[], ids: string[]) => void;

function forBothMethods(situations: Record<string, Situation>, expect: Expect): Record<string, Check> {
  return Object.fromEntries(
    Object.entries(situations).flatMap(([name, situation]) => [
      [`${name}, listed`, forMethod(situation, expect, 'listByCustomer')],
      [`${name}, ended`, forMethod(situation, expect, 'deleteByCustomer')],
    ]),
  );
}

function forMethod(situation: Situation, expect: Expect, method: Method): Check {
  return async (open, time) => {
    const customerId = freshValue();
    const { store, ids, inTime } = await situation(customerId, open, time);
    const result = await resultOf(store, method, customerId, ids);
    inTime?.();
    expect(method, result, ids);
  };
}

/** The IDs that a call listed, or which of some IDs it ended. */
async function resultOf(store: StoreUnderTest, method: Method, customerId: string, ids: string[]) {
  if (method === 'listByCustomer') return idsOf(await store.listByCustomer(customerId));
  await store.deleteByCustomer(customerId);
  const live = await findLive(store, ids);
  return ids.filter((id) => !live.includes(id));
}

function expectIncluded(method: Method, result: unknown[], ids: string[]): void {
  const missing = ids.filter((id) => !result.includes(id)).length;
  assert.equal(
    missing,
    0,
    `store.${method} must include all ${ids.length} sessions here; ${missing} are missing`,
  );
}

function expectExcluded(method: Method, result: unknown[]): void {
  assert.equal(result.length, 0, `store.${method} must include no session here, not ${result.length}`);
}

async function whileListing<Result>(
  store: StoreUnderTest,
  customerId: string,
  call: (index: number) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  for (let index = 0; index < 5; index++) {
    const lists = async () => {
      for (let times = 0; times < 4; times++) {
        await store.listByCustomer(customerId);
        await turn();
      }
    };
    const [result] = await Promise.all([call(index), lists()]);
    results.push(result);
  }
  return results;
}

function seenBefore(caller: 'create' | 'update', method: Method): Check {
  return async (open) => {
    const store = await open();
    for (let round = 0; round < 5; round++) {
      const customerId = freshValue();
      const id = caller === 'create' ? freshSessionId() : (await createSession(store)).id;
      let isRunning = true;
      const running = store[caller](id, { customerId }).finally(() => {
        isRunning = false;
      });
      let isSeen = false;
      while (isRunning && !isSeen) {
        const info = await store.peek(id);
        isSeen = isSession(info) && info.customerId === customerId;
        if (!isSeen) await turn();
      }
      const result = await resultOf(store, method, customerId, [id]);
      await running;
      expectIncluded(method, result, [id]);
    }
  };
}

function comparesExactly(idsLike: (id: string) => [string, ...string[]], method: Method): Check {
  return async (open) => {
    const store = await open();
    const [own, ...others] = idsLike(freshValue());
    const { id } = await createSession(store, { customerId: own });
    const created = await Promise.all(others.map((customerId) => createSession(store, { customerId })));
    const result = await resultOf(store, method, own, [id, ...created.map((session) => session.id)]);
    assert.deepEqual(result, [id], `store.${method} must include the sessions of this very customer only`);
  };
}
