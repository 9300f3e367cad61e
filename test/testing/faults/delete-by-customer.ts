import type { Faults } from '../fault.js';
import { COUNT, ENDS_ALL, EXCEPT, MOVED, RECREATED } from '../promises.js';
import { type Backend, type FullStore, type Row, tick } from '../reference-store.js';

export const deleteByCustomerFaults: Faults = {
  [COUNT]: [
    {
      fault: 'returns whether it ended any',
      plant: (_, store) => ({
        deleteByCustomer: (customerId, options) =>
          (store.deleteByCustomer(customerId, options) > 0) as unknown as number,
      }),
      in: [
        'none, one and several',
        'without deleted and moved ones',
        'without expired ones',
        'without the one that it keeps',
        'in all, of several concurrent calls',
        'without those that concurrent deletes ended',
      ],
    },
    {
      fault: 'counts those that have ended',
      plant(backend, store) {
        const named = new Map<string, Set<string>>();
        return {
          create(id, associations) {
            const { customerId = '' } = associations;
            named.set(customerId, (named.get(customerId) ?? new Set()).add(id));
            return store.create(id, associations);
          },
          deleteByCustomer(customerId, options) {
            const before = named.get(customerId) ?? new Set();
            const stale = [...before].filter((id) => !backend.live(id, 'peek')).length;
            named.delete(customerId);
            return store.deleteByCustomer(customerId, options) + stale;
          },
        };
      },
      in: ['without deleted and moved ones', 'without expired ones'],
    },
    {
      fault: 'counts the one that it keeps',
      plant: (backend, store) => ({
        deleteByCustomer(customerId, options) {
          const kept = backend.live(options?.except ?? '', 'peek')?.associations.customerId === customerId;
          return store.deleteByCustomer(customerId, options) + (kept ? 1 : 0);
        },
      }),
      in: ['without the one that it keeps'],
    },
    {
      fault: 'counts what it found, not what it ended',
      plant: (backend) => ({ deleteByCustomer: endingLater(backend, (row, now) => row === now, 'found') }),
      in: ['in all, of several concurrent calls', 'without those that concurrent deletes ended'],
      also: [MOVED],
    },
  ],

  [ENDS_ALL]: [
    {
      fault: 'ends 100 at most',
      plant(backend) {
        const { liveOf } = backend;
        backend.liveOf = (customerId, method) =>
          method === 'deleteByCustomer'
            ? liveOf(customerId, method).slice(0, 100)
            : liveOf(customerId, method);
      },
      in: ['more than a list returns by default'],
    },
    {
      fault: 'leaves a session that is read meanwhile',
      plant(backend) {
        const { extend } = backend;
        const reads = new WeakMap<Row, number>();
        backend.extend = (row, method) => {
          extend(row, method);
          reads.set(row, (reads.get(row) ?? 0) + 1);
        };
        return {
          async deleteByCustomer(customerId, { except } = {}) {
            const before = backend
              .liveOf(customerId, 'deleteByCustomer')
              .map(({ id, row }) => ({ id, row, count: reads.get(row) }));
            await tick();
            const isLeft = ({ id, row, count }: (typeof before)[number]) =>
              id === except ||
              backend.rows.get(id) !== row ||
              row.associations.customerId !== customerId ||
              reads.get(row) !== count;
            const ended = before.filter((session) => !isLeft(session));
            for (const { id } of ended) backend.rows.delete(id);
            return ended.length;
          },
        };
      },
      in: ['sessions that are read meanwhile'],
    },
  ],

  [EXCEPT]: [
    {
      fault: 'ends it too',
      plant: (_, store) => ({ deleteByCustomer: (customerId) => store.deleteByCustomer(customerId) }),
      in: ['one of the customer'],
      also: [`${COUNT}: without the one that it keeps`],
    },
    {
      fault: "ends none if it is not the customer's",
      plant: (backend, store) => ({
        deleteByCustomer(customerId, options = {}) {
          const own = backend.live(options.except ?? '', 'peek')?.associations.customerId;
          if (options.except !== undefined && own !== customerId) return 0;
          return store.deleteByCustomer(customerId, options);
        },
      }),
      in: [
        'none, if another customer has it',
        'none, if it is unknown or undefined',
        'none, if it differs in letter case',
      ],
    },
    {
      fault: 'ends none if it is undefined',
      plant: (_, store) => ({
        deleteByCustomer: (customerId, options) =>
          options && options.except === undefined ? 0 : store.deleteByCustomer(customerId, options),
      }),
      in: ['none, if it is unknown or undefined'],
    },
    {
      fault: 'ignores its letter case',
      plant: (_, store) => ({
        deleteByCustomer: (customerId, options) =>
          store.deleteByCustomer(customerId, options && { except: options.except?.toLowerCase() }),
      }),
      in: ['none, if it differs in letter case'],
    },
  ],

  [MOVED]: [
    {
      fault: 'ends what it read, without comparing again',
      plant: (backend) => ({ deleteByCustomer: endingLater(backend, () => true, 'ended') }),
      also: [RECREATED],
    },
    {
      fault: 'compares the creation again, but not the customer',
      plant: (backend) => ({ deleteByCustomer: endingLater(backend, (row, now) => row === now, 'ended') }),
    },
  ],

  [RECREATED]: [
    {
      fault: 'compares the customer again, but not of a new session',
      plant: (backend) => ({
        deleteByCustomer: endingLater(
          backend,
          (row, now, customerId) => row !== now || now.associations.customerId === customerId,
          'ended',
        ),
      }),
    },
  ],
};

/** Reads the sessions of a customer, and ends each a while later: long enough for a delete and, after its result, a create. */
function endingLater(
  backend: Backend,
  isStill: (row: Row, now: Row, customerId: string) => boolean,
  counted: 'found' | 'ended',
): FullStore['deleteByCustomer'] {
  return async (customerId, { except } = {}) => {
    const found = backend.liveOf(customerId, 'deleteByCustomer').filter(({ id }) => id !== except);
    for (let ticks = 0; ticks < 4; ticks++) await tick();
    const ended = found.filter(({ id, row }) => {
      const now = backend.live(id, 'deleteByCustomer');
      return now && isStill(row, now, customerId) && backend.rows.delete(id);
    });
    return counted === 'found' ? found.length : ended.length;
  };
}
