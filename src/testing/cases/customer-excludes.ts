import { strict as assert } from 'node:assert';
import { forBothMethods, forMethod, type Method, type Situation, VERB } from '../harness/by-both-methods.js';
import { showIds } from '../harness/customers.js';
import { freshSessionId, freshValue } from '../harness/fresh.js';
import type { PromiseCases } from '../harness/kit-cases.js';
import { createSession } from '../harness/open-with-session.js';

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

export const customerExcludesCases: PromiseCases = {
  "It includes no session that was not, at some moment during the call, live and the customer's": {
    ...forBothMethods(excluded, expectExcluded),
    ...Object.fromEntries(
      Object.entries(notLive).map(([name, situation]) => [
        name,
        forMethod(situation, expectExcluded, 'listByCustomer'),
      ]),
    ),
  },
};

function expectExcluded(method: Method, result: unknown[]): void {
  assert.ok(
    result.length === 0,
    `store.${method} must ${VERB[method]} no session here, not ${showIds(result)}`,
  );
}
