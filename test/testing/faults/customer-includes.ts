import { createCustomerIndex, naming } from '../customer-index.js';
import { both, type Fault, type Faults } from '../fault.js';
import {
  CONFIRMED,
  COUNT,
  DEFAULT_LIMIT,
  ENDS_ALL,
  EXACT_CUSTOMERS,
  EXCEPT,
  INCLUDED,
  LIMIT,
  LIST_COPIED,
} from '../promises.js';
import { type Backend, type Row, tick } from '../reference-store.js';

const KEPT_ALIVE = both(
  'a session that a get kept alive past its first deadline',
  'a session that an update kept alive past its first deadline',
);
export const customerIncludesFaults: Faults = {
  [INCLUDED]: [
    {
      fault: 'finds none',
      plant(backend) {
        backend.liveOf = () => [];
      },
      also: [
        CONFIRMED,
        EXACT_CUSTOMERS,
        LIMIT,
        DEFAULT_LIMIT,
        `${COUNT}: none, one and several`,
        `${COUNT}: without deleted and moved ones`,
        `${COUNT}: without the one that it keeps`,
        `${COUNT}: in all, of several concurrent calls`,
        ENDS_ALL,
        EXCEPT,
        `${LIST_COPIED}: the list`,
      ],
    },
    {
      fault: 'indexes a customer on create only',
      plant(backend, store) {
        const index = createCustomerIndex(backend);
        return { create: naming(store, index.add).create };
      },
      in: both(
        'a session that an update gave the customer',
        'a session that moved to the customer',
        'sessions that moved to the customer while lists ran',
      ),
      also: ['listed', 'ended'].map((how) => `${CONFIRMED}: by a peek before update has returned, ${how}`),
    },
    {
      fault: 'drops an entry at the deadline that it was written with',
      plant(backend, store) {
        const index = createCustomerIndex(backend);
        const { live, createRow } = backend;
        const first = new WeakMap<Row, number>();
        backend.createRow = (associations) => {
          const row = createRow(associations);
          first.set(row, row.idleDeadline);
          return row;
        };
        backend.live = (id, method) => {
          const row = live(id, method);
          const isDropped = row && method.endsWith('ByCustomer') && Date.now() >= (first.get(row) ?? 0);
          return isDropped ? undefined : row;
        };
        return naming(store, index.add);
      },
      in: KEPT_ALIVE,
      also: [`${LIMIT}: after the newest one expired`],
    },
    {
      fault: 'removes an entry that a list does not confirm',
      plant: (backend, store) => removingUnconfirmed(backend, store),
      in: both('sessions created while lists ran', 'sessions that moved to the customer while lists ran'),
    },
    {
      fault: 'removes the entry a while after a delete',
      plant(backend, store) {
        const index = createCustomerIndex(backend);
        return {
          ...naming(store, index.add),
          async delete(id) {
            const customerId = backend.rows.get(id)?.associations.customerId;
            const result = store.delete(id);
            await tick();
            if (result) index.remove(customerId, id);
            return result;
          },
        };
      },
      in: both('a new session under the ID of one that was deleted at the same time'),
    },
    {
      fault: 'never lists a session again that has moved away',
      plant(backend, store) {
        const gone = new Set<string>();
        const { liveOf } = backend;
        backend.liveOf = (customerId, method) =>
          liveOf(customerId, method).filter(({ id }) => !gone.has(`${customerId} ${id}`));
        return {
          update(id, changes) {
            const before = backend.live(id, 'update')?.associations.customerId;
            if (changes.customerId && changes.customerId !== before) gone.add(`${before} ${id}`);
            return store.update(id, changes);
          },
        };
      },
      in: both('a session that moved away and back'),
    },
    {
      fault: 'never lists a session again whose customer was removed',
      plant(backend, store) {
        const gone = new Set<string>();
        const { liveOf } = backend;
        backend.liveOf = (customerId, method) => liveOf(customerId, method).filter(({ id }) => !gone.has(id));
        return {
          update(id, changes) {
            if (changes.customerId === null) gone.add(id);
            return store.update(id, changes);
          },
        };
      },
      in: both('a session whose customer was removed and set again'),
    },
    {
      fault: 'drops the entry if an update names no customer',
      plant(backend, store) {
        const index = createCustomerIndex(backend);
        const { create, update } = naming(store, index.add);
        return {
          create,
          update(id, changes) {
            if (!changes.customerId) index.remove(backend.rows.get(id)?.associations.customerId, id);
            return update(id, changes);
          },
        };
      },
      in: both(
        'a session with other members changed since',
        'a session that an update kept alive past its first deadline',
      ),
    },
    {
      fault: 'drops all entries of a customer with a delete',
      plant(backend, store) {
        const index = createCustomerIndex(backend);
        return {
          ...naming(store, index.add),
          delete(id) {
            index.clear(backend.rows.get(id)?.associations.customerId);
            return store.delete(id);
          },
        };
      },
      in: both('the others of a customer with a deleted session'),
      also: [
        ...both('a new session under the ID of one that was deleted at the same time').map(
          (name) => `${INCLUDED}: ${name}`,
        ),
        `${COUNT}: without deleted and moved ones`,
        `${LIMIT}: after the newest ones were deleted, moved and removed`,
      ],
    },
    {
      fault: 'returns the deadline too',
      plant(backend) {
        const { show } = backend;
        backend.show = (id, row, method) => ({
          ...show(id, row, method),
          ...(method === 'listByCustomer' && { expiresAt: row.idleDeadline }),
        });
      },
      in: ['each as peek returns it, listed'],
    },
  ],

  [CONFIRMED]: [
    {
      fault: 'writes the index a while after the session',
      plant(backend, store) {
        const index = createCustomerIndex(backend);
        async function ticks() {
          for (let times = 0; times < 8; times++) await tick();
        }
        return {
          async create(id, associations) {
            const { customerId } = associations;
            const result = store.create(id, associations);
            await ticks();
            if (result) index.add(customerId, id);
            return result;
          },
          async update(id, changes) {
            const { customerId } = changes;
            const result = store.update(id, changes);
            if (typeof customerId === 'string') await ticks();
            if (result) index.add(customerId, id);
            return result;
          },
        };
      },
    },
  ],
};

/** The entry is written before the session, so a list in between takes it for stale. */
function removingUnconfirmed(backend: Backend, store: Parameters<Fault['plant']>[1]) {
  const index = createCustomerIndex(backend);
  const { liveOf } = backend;
  backend.liveOf = (customerId, method) => {
    const found = liveOf(customerId, method);
    const live = new Set(found.map(({ id }) => id));
    for (const id of backend.idsOf(customerId)) if (!live.has(id)) index.remove(customerId, id);
    return found;
  };
  return {
    async create(...[id, associations]: Parameters<typeof store.create>) {
      const taken = { ...associations };
      index.add(taken.customerId, id);
      await tick();
      await tick();
      return store.create(id, taken);
    },
    async update(...[id, changes]: Parameters<typeof store.update>) {
      const taken = { ...changes };
      index.add(taken.customerId, id);
      await tick();
      await tick();
      return store.update(id, taken);
    },
  };
}
