import { createCustomerIndex, naming } from '../customer-index.js';
import { both, type Faults } from '../fault.js';
import { COUNT, EMPTY, EXACT_CUSTOMERS, EXCLUDED, LIMIT } from '../promises.js';
import type { Row } from '../reference-store.js';

const ended = (...situations: string[]) => situations.map((name) => `${name}, ended`);

const NOT_THE_CUSTOMERS = [
  'a session that moved to another customer',
  'a session whose customer was removed',
  'a session of another customer under the ID of a deleted one',
  'a session of another customer under the ID of an expired one',
  'a session of another customer, for which a create was refused',
  'a session of another customer, created after an update that found none',
];

export const customerExcludesFaults: Faults = {
  [EXCLUDED]: [
    {
      fault: 'does not compare what its index has with the sessions',
      plant(backend, store) {
        const index = createCustomerIndex(backend);
        backend.isOf = () => true;
        return naming(store, index.add);
      },
      in: both(...NOT_THE_CUSTOMERS),
      also: [
        `${COUNT}: without deleted and moved ones`,
        `${LIMIT}: after the newest ones were deleted, moved and removed`,
      ],
    },
    {
      fault: 'compares in lists only',
      plant(backend, store) {
        const index = createCustomerIndex(backend);
        const { isOf } = backend;
        backend.isOf = (row, customerId, method) =>
          method === 'deleteByCustomer' || isOf(row, customerId, method);
        return naming(store, index.add);
      },
      in: ended(...NOT_THE_CUSTOMERS),
      also: [`${COUNT}: without deleted and moved ones`],
    },
    {
      fault: 'lists sessions that have ended',
      plant(backend) {
        const { rows, live } = backend;
        const all = new Map<string, Row>();
        backend.rows = {
          ...{ get: (key) => rows.get(key), delete: (key) => rows.delete(key) },
          set(key, row) {
            all.set(key, row);
            return rows.set(key, row);
          },
        };
        backend.idsOf = () => [...all.keys()];
        backend.live = (id, method) =>
          live(id, method) ?? (method === 'listByCustomer' ? all.get(id) : undefined);
      },
      in: [
        'a deleted session',
        'a session after its idle timeout',
        'a session after its absolute timeout',
        'a session that deleteByCustomer ended',
      ],
      also: [
        `${EMPTY}: a customer whose sessions were deleted`,
        `${LIMIT}: after the newest ones were deleted, moved and removed`,
        `${LIMIT}: after the newest one expired`,
      ],
    },
    {
      fault: 'lists an entry without a session',
      plant(backend, store) {
        const index = createCustomerIndex(backend);
        return {
          ...naming(store, index.add),
          listByCustomer(customerId, options) {
            const list = store.listByCustomer(customerId, options);
            const stale = backend.idsOf(customerId).filter((id) => !backend.live(id, 'listByCustomer'));
            return [...list, ...stale.map(() => undefined as never)];
          },
        };
      },
      in: [
        'a deleted session',
        'a session after its idle timeout',
        'a session after its absolute timeout',
        'a session that deleteByCustomer ended',
      ],
      also: [
        `${EMPTY}: a customer whose sessions were deleted`,
        `${LIMIT}: after the newest ones were deleted, moved and removed`,
        `${LIMIT}: after the newest one expired`,
      ],
    },
    {
      fault: 'looks for the customer in all members',
      plant(backend) {
        backend.isOf = (row, customerId) => Object.values(row.associations).includes(customerId);
      },
      in: both('a session without a customer'),
    },
    {
      fault: 'does not look at the customer',
      plant(backend) {
        backend.isOf = () => true;
      },
      in: both('a session of another customer', 'a session without a customer', ...NOT_THE_CUSTOMERS),
      also: [
        EXACT_CUSTOMERS,
        `${COUNT}: without deleted and moved ones`,
        `${LIMIT}: after the newest ones were deleted, moved and removed`,
      ],
    },
  ],
};
