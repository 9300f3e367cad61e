import { strict as assert } from 'node:assert';
import { setImmediate as turn } from 'node:timers/promises';
import { forBothMethods, type Method, resultOf, type Situation, VERB } from '../harness/by-both-methods.js';
import { expectList, idsOf, showIds } from '../harness/customers.js';
import { expectSession, isSession } from '../harness/expect-session.js';
import { freshSessionId, freshValue } from '../harness/fresh.js';
import type { Check, PromiseCases } from '../harness/kit-cases.js';
import { createSession, openWithKeptAlive } from '../harness/open-with-session.js';
import type { StoreUnderTest } from '../harness/store-under-test.js';

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

export const customerIncludesCases: PromiseCases = {
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
        assert.ok(
          list.length === 2,
          `store.listByCustomer must list 2 sessions here, not ${showIds(idsOf(list))}`,
        );
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
    'by a peek before create has returned, listed': seenBefore('create', 'listByCustomer'),
    'by a peek before create has returned, ended': seenBefore('create', 'deleteByCustomer'),
    'by a peek before update has returned, listed': seenBefore('update', 'listByCustomer'),
    'by a peek before update has returned, ended': seenBefore('update', 'deleteByCustomer'),
  },
};

function expectIncluded(method: Method, result: unknown[], ids: string[]): void {
  const missing = ids.filter((id) => !result.includes(id));
  const task = `store.${method} must ${VERB[method]} all ${ids.length} sessions here`;
  assert.ok(missing.length === 0, `${task}; it did not ${VERB[method]} ${showIds(missing)}`);
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
