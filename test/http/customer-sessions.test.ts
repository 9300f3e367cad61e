import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { expect, it, vi } from 'vitest';
import {
  attachSession,
  type CustomerSessions,
  createMemoryStore,
  customerSessions,
  isSessionError,
  type SessionStore,
} from '../../src/index.js';

const LIVE = {
  sessionId: 'id',
  customerId: 'c',
  createdAt: '2026-01-31T09:00:00.000Z',
  updatedAt: '2026-01-31T09:00:00.000Z',
};

/** A memory store of which some methods are others. */
function storeWith(methods: object): SessionStore & CustomerSessions {
  return { ...createMemoryStore(), ...methods };
}

function storeOfThree() {
  const store = createMemoryStore();
  for (const id of ['1', '2', '3']) store.create(id, { customerId: id === '3' ? 'other' : 'c' });
  return store;
}

it('lists and ends the sessions of a customer, and one session', async () => {
  const customers = customerSessions(storeOfThree());
  expect((await customers.listByCustomer('c')).map(({ sessionId }) => sessionId).sort()).toEqual(['1', '2']);
  expect(await customers.listByCustomer('c', { limit: 1 })).toHaveLength(1);
  expect(await customers.deleteByCustomer('c', { except: '1' })).toBe(1);
  expect(await customers.delete('1')).toBe(true);
  expect(await customers.delete('1')).toBe(false);
  expect(await customers.deleteByCustomer('c')).toBe(0);
  expect(await customers.listByCustomer('other')).toMatchObject([{ sessionId: '3' }]);
});

const calls = [
  ['listByCustomer', (store: SessionStore & CustomerSessions) => customerSessions(store).listByCustomer('c')],
  [
    'deleteByCustomer',
    (store: SessionStore & CustomerSessions) => customerSessions(store).deleteByCustomer('c'),
  ],
  ['delete', (store: SessionStore & CustomerSessions) => customerSessions(store).delete('id')],
] as const;
const cause = new Error('connect ECONNREFUSED');

it.each(calls)(
  '%s rejects with store_unavailable if the store throws, rejects or does not respond',
  async (method, call) => {
    const failures: unknown[] = [];
    const listen = (event: unknown) => failures.push((event as { cause: unknown }).cause);
    subscribe('express-session-info:store.failed', listen);
    const hangs = storeWith({ [method]: () => new Promise(() => {}) });
    attachSession(hangs, { storeTimeout: 20 });
    const stores = [
      storeWith({
        [method]() {
          throw cause;
        },
      }),
      storeWith({ [method]: () => Promise.reject(cause) }),
      hangs,
    ];
    for (const store of stores) {
      const error = await call(store).then(
        () => undefined,
        (thrown) => thrown,
      );
      expect(isSessionError(error)).toBe(true);
      expect(error).toMatchObject({
        code: 'store_unavailable',
        status: 503,
        headers: { 'Retry-After': '1' },
      });
    }
    unsubscribe('express-session-info:store.failed', listen);
    expect(failures).toEqual([cause, cause, new Error('the store did not respond within 20 ms')]);
  },
);

it.each([
  ['listByCustomer', undefined],
  ['listByCustomer', { length: 0 }],
  ['listByCustomer', [undefined]],
  ['listByCustomer', new Array(2)],
  ['listByCustomer', [{ ...LIVE, customerId: 'another' }]],
  ['listByCustomer', [{ ...LIVE, sessionId: 'not an ID' }]],
  ['listByCustomer', [{ ...LIVE, createdAt: new Date() }]],
  ['deleteByCustomer', undefined],
  ['deleteByCustomer', '1'],
  ['deleteByCustomer', 0.5],
  ['deleteByCustomer', -1],
  ['delete', 1],
] as const)('%s rejects with store_unavailable if the store returns %j', async (method, returned) => {
  const call = new Map<string, (typeof calls)[number][1]>(calls).get(method);
  await expect(call?.(storeWith({ [method]: async () => returned }))).rejects.toMatchObject({
    code: 'store_unavailable',
  });
});

it('returns a frozen copy of what the store returns', async () => {
  const returned = [{ ...LIVE, more: 1 }];
  const list = await customerSessions(storeWith({ listByCustomer: () => returned })).listByCustomer('c');
  expect(list).toEqual([LIVE]);
  expect(Object.isFrozen(list) && Object.isFrozen(list[0])).toBe(true);
});

it.each([
  [undefined, 'must be a string'],
  ['', 'must not be empty'],
  ['x'.repeat(257), 'must be at most 256 UTF-16 units long'],
  ['a\0', 'must not contain control characters'],
])('rejects with invalid_field for the customer ID %j, without a call', async (customerId, rule) => {
  const [listByCustomer, deleteByCustomer] = [vi.fn(), vi.fn()];
  const customers = customerSessions(storeWith({ listByCustomer, deleteByCustomer }));
  const error = { code: 'invalid_field', status: 400, message: `customerId ${rule}` };
  await expect(customers.listByCustomer(customerId as string)).rejects.toMatchObject(error);
  await expect(customers.deleteByCustomer(customerId as string)).rejects.toMatchObject(error);
  expect(listByCustomer).not.toHaveBeenCalled();
  expect(deleteByCustomer).not.toHaveBeenCalled();
});

it('rejects with store_unavailable if the store returns more sessions than asked for', async () => {
  const customers = customerSessions(storeWith({ listByCustomer: () => Array(101).fill(LIVE) }));
  await expect(customers.listByCustomer('c')).rejects.toMatchObject({ code: 'store_unavailable' });
  expect(await customers.listByCustomer('c', { limit: 101 })).toHaveLength(101);
});

it('checks a list that has a map of its own', async () => {
  const returned = Object.assign([LIVE, 'unchecked'], { map: () => ['unchecked'] });
  await expect(
    customerSessions(storeWith({ listByCustomer: () => returned })).listByCustomer('c'),
  ).rejects.toMatchObject({ code: 'store_unavailable' });
});

it.each(['a b', '', 'own ', 'x'.repeat(129), '00000000-0000', null, 7])(
  'rejects with invalid_session_id for the session ID %j, without a call',
  async (sessionId) => {
    const [end, deleteByCustomer] = [vi.fn(), vi.fn()];
    const customers = customerSessions(storeWith({ delete: end, deleteByCustomer }));
    await expect(customers.delete(sessionId as string)).rejects.toMatchObject({
      code: 'invalid_session_id',
      status: 400,
    });
    const ended = customers.deleteByCustomer('c', { except: sessionId as string });
    await expect(ended).rejects.toMatchObject(
      typeof sessionId === 'string' ? { code: 'invalid_session_id', status: 400 } : { name: 'TypeError' },
    );
    expect(end).not.toHaveBeenCalled();
    expect(deleteByCustomer).not.toHaveBeenCalled();
  },
);

it('rejects with a TypeError for an unknown or wrong option, and ends nothing', async () => {
  const store = storeOfThree();
  const customers = customerSessions(store);
  await expect(customers.deleteByCustomer('c', { expect: '1' } as never)).rejects.toThrow(
    new TypeError('deleteByCustomer: unknown option "expect"; use except'),
  );
  await expect(customers.deleteByCustomer('c', { except: null } as never)).rejects.toThrow(TypeError);
  await expect(customers.listByCustomer('c', { limit: 1001 })).rejects.toThrow(
    new TypeError('listByCustomer: option "limit" must be a whole number of sessions from 1 to 1000'),
  );
  expect(store.listByCustomer('c')).toHaveLength(2);
});

it('counts its calls for the limits of the store, together with those of requests', async () => {
  const listByCustomer = vi.fn(() => new Promise(() => {}));
  const store = storeWith({ listByCustomer });
  attachSession(store, { storeTimeout: 60_000, maxPendingStoreCalls: 1 });
  const pending = [customerSessions(store).listByCustomer('c'), customerSessions(store).listByCustomer('c')];
  await expect(customerSessions(store).listByCustomer('c')).rejects.toMatchObject({
    code: 'store_unavailable',
  });
  expect(listByCustomer).toHaveBeenCalledTimes(2); // one, and a probe
  expect(pending).toHaveLength(2);
});

it('throws for a store that does not implement CustomerSessions, with the fix', () => {
  const { listByCustomer, deleteByCustomer, ...five } = createMemoryStore();
  expect(() => customerSessions(five as never)).toThrow(
    'customerSessions: store must implement CustomerSessions; it lacks listByCustomer, deleteByCustomer. createRedisStore has them with indexCustomers: true',
  );
  expect(() => customerSessions({ listByCustomer, deleteByCustomer } as never)).toThrow(
    'customerSessions: store must be a SessionStore; it lacks create, get',
  );
});
