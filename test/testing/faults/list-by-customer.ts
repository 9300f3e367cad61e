import { createCustomerIndex, naming } from '../customer-index.js';
import type { Fault, Faults } from '../fault.js';
import { DEFAULT_LIMIT, EMPTY, LIMIT, LIST_CHANGES_NOTHING, LIST_COPIED, SORTED } from '../promises.js';
import type { Backend, Row, SyncStore } from '../reference-store.js';

type List = SyncStore['listByCustomer'];

export const listByCustomerFaults: Faults = {
  [SORTED]: [
    listing(
      'lists the oldest first',
      (list) => (customerId, options) => [...list(customerId, options)].reverse(),
    ),
    {
      fault: 'sorts by activity',
      plant: (backend) =>
        sortingBy(backend, (row) => row.idleDeadline + activities(row) / 1000, backend.extend),
      in: [
        'after activity in another order',
        'after updates in another order',
        'after they moved to the customer in another order',
      ],
      also: [`${LIMIT}: after the oldest ones were updated`],
    },
    {
      fault: 'lists in the order of its index',
      plant(backend, store) {
        const index = createCustomerIndex(backend);
        backend.liveOf = (customerId, method) =>
          backend
            .idsOf(customerId)
            .reverse()
            .flatMap((id) => {
              const row = backend.live(id, method);
              return row?.associations.customerId === customerId ? [{ id, row }] : [];
            });
        return naming(store, index.add);
      },
      in: ['after they moved to the customer in another order'],
    },
    {
      fault: 'sorts by updatedAt',
      plant(backend) {
        const { liveOf } = backend;
        backend.liveOf = (customerId, method) =>
          liveOf(customerId, method)
            .reverse()
            .sort((one, other) => other.row.updatedAt - one.row.updatedAt);
      },
      in: ['after updates in another order', 'after they moved to the customer in another order'],
      also: [`${LIMIT}: after the oldest ones were updated`],
    },
  ],

  [LIMIT]: [
    listing(
      'ignores it',
      (list) => (customerId, options) => {
        list(customerId, options);
        return list(customerId, options?.limit === undefined ? {} : { limit: 1000 });
      },
      'fewer than there are',
      'more than by default',
      'after the oldest ones were updated',
    ),
    {
      ...listing(
        'returns the oldest ones',
        (list) => (customerId, options) => {
          const { length } = list(customerId, options);
          return list(customerId, { limit: 1000 }).slice(-length);
        },
        'fewer than there are',
        'more than by default',
        'after the oldest ones were updated',
      ),
      also: [DEFAULT_LIMIT],
    },
    {
      fault: 'applies it before it filters',
      plant(backend, store) {
        const index = createCustomerIndex(backend);
        const created = new Map<string, number>();
        const { create, update } = naming(store, index.add);
        return {
          create(id, associations) {
            created.set(id, created.size);
            return create(id, associations);
          },
          update,
          listByCustomer(customerId, options) {
            const { length } = store.listByCustomer(customerId, options);
            const newest = backend
              .idsOf(customerId)
              .sort((one, other) => (created.get(other) ?? 0) - (created.get(one) ?? 0))
              .slice(0, options?.limit ?? 100);
            const list = store.listByCustomer(customerId, { limit: 1000 });
            return list.filter(({ sessionId }) => newest.includes(sessionId)).slice(0, Math.max(1, length));
          },
        };
      },
      in: ['after the newest ones were deleted, moved and removed', 'after the newest one expired'],
    },
    {
      fault: 'takes those that named the customer last',
      plant(backend, store) {
        const last: string[] = [];
        const { liveOf } = backend;
        const add = (customerId: string | null | undefined, id: string) => {
          if (customerId) last.push(id);
        };
        const rank = (id: string) => last.lastIndexOf(id);
        return {
          ...naming(store, add),
          listByCustomer(customerId, options) {
            const { length } = store.listByCustomer(customerId, options);
            const taken = liveOf(customerId, 'listByCustomer')
              .sort((one, other) => rank(other.id) - rank(one.id))
              .slice(0, length)
              .map(({ id }) => id);
            return store
              .listByCustomer(customerId, { limit: 1000 })
              .filter(({ sessionId }) => taken.includes(sessionId));
          },
        };
      },
      in: ['after the oldest ones were updated'],
    },
    listing(
      'is 100 at most',
      (list) => (customerId, options) => list(customerId, options).slice(0, 100),
      'more than by default',
    ),
    {
      fault: 'returns one too few',
      plant: (_, store) => ({
        listByCustomer(customerId, options) {
          const list = store.listByCustomer(customerId, options);
          return options?.limit === undefined ? list : list.slice(0, options.limit - 1);
        },
      }),
      in: [
        'fewer than there are',
        'as many as there are, and more',
        'more than by default',
        'after the oldest ones were updated',
        'after the newest ones were deleted, moved and removed',
        'after the newest one expired',
      ],
    },
  ],

  [DEFAULT_LIMIT]: [
    listing('is 50', (list) => (customerId, options) => list(customerId, { limit: limitOf(options, 50) })),
    listing(
      'is none',
      (list) => (customerId, options) => list(customerId, { limit: limitOf(options, 1000) }),
    ),
    listing(
      'is none if there are options',
      (list) => (customerId, options) => list(customerId, options && { limit: limitOf(options, 1000) }),
      'with options that have no limit',
    ),
  ],

  [EMPTY]: [
    listing('returns undefined', (list) => (customerId, options) => {
      const found = list(customerId, options);
      return found.length > 0 ? found : (undefined as never);
    }),
    listing(
      'keeps customers in a plain object',
      (list) => (customerId, options) =>
        customerId in {} ? (Reflect.get({}, customerId) as never) : list(customerId, options),
      'names that every object has',
    ),
  ],

  [LIST_CHANGES_NOTHING]: [
    {
      fault: 'counts as activity',
      plant(backend) {
        const { liveOf, extend } = backend;
        backend.liveOf = (customerId, method) => {
          const found = liveOf(customerId, method);
          for (const { row } of found) extend(row, method);
          return found;
        };
      },
      in: ['lists again and again, which do not extend the idle timeout'],
    },
    {
      fault: 'shortens the idle timeout at the third time',
      plant: (backend) =>
        atThirdList(backend, (row) => {
          row.idleDeadline -= (row.idleDeadline - row.updatedAt) / 2;
        }),
      in: ['lists again and again, which do not shorten it'],
    },
    {
      fault: 'sets updatedAt and loses a member at the third time',
      plant: (backend) =>
        atThirdList(backend, (row) => {
          row.updatedAt = Date.now();
          row.associations = { ...row.associations, agentId: undefined };
        }),
      in: ['the associations and times'],
    },
  ],

  [LIST_COPIED]: [
    {
      fault: 'returns the associations that it stores',
      plant(backend) {
        const { merge, show } = backend;
        backend.show = (id, row, method) =>
          method === 'listByCustomer'
            ? Object.assign(row.associations, show(id, row, method))
            : show(id, row, method);
        backend.merge = ({ agentId, customerId, visitId, globalVisitId }, changes) =>
          merge({ agentId, customerId, visitId, globalVisitId }, changes);
      },
      in: ['a session of the list'],
    },
    {
      fault: 'returns the same list as before',
      plant(_, store) {
        const lists = new Map<string, { key: string; list: ReturnType<List> }>();
        return {
          listByCustomer(customerId, options) {
            const list = store.listByCustomer(customerId, options);
            const key = JSON.stringify(list);
            const before = lists.get(customerId);
            if (before?.key === key) return before.list;
            lists.set(customerId, { key, list });
            return list;
          },
        };
      },
    },
  ],
};

function listing(fault: string, replace: (list: List) => List, ...situations: string[]): Fault {
  return {
    fault,
    plant: (_, store) => ({ listByCustomer: replace(store.listByCustomer) }),
    ...(situations.length > 0 && { in: situations }),
  };
}

function limitOf(options: { limit?: number | undefined } | undefined, byDefault: number): number {
  return options?.limit === undefined ? byDefault : options.limit;
}

const active = new WeakMap<Row, number>();
let count = 0;

function activities(row: Row): number {
  return active.get(row) ?? 0;
}

function sortingBy(backend: Backend, rank: (row: Row) => number, extend: Backend['extend']): void {
  const { liveOf } = backend;
  backend.extend = (row, method) => {
    extend(row, method);
    count++;
    active.set(row, count);
  };
  backend.liveOf = (customerId, method) =>
    liveOf(customerId, method).sort((one, other) => rank(other.row) - rank(one.row));
}

function atThirdList(backend: Backend, change: (row: Row) => void): void {
  const { liveOf } = backend;
  const lists = new WeakMap<Row, number>();
  backend.liveOf = (customerId, method) => {
    const found = liveOf(customerId, method);
    for (const { row } of found) {
      lists.set(row, (lists.get(row) ?? 0) + 1);
      if (lists.get(row) === 3) change(row);
    }
    return found;
  };
}
