import type { Backend, FullStore, SyncStore } from './reference-store.js';

/** An index of the IDs that named a customer, as a backend without queries has one. */
export function createCustomerIndex(backend: Backend) {
  const index = new Map<string, Set<string>>();
  backend.idsOf = (customerId) => [...(index.get(customerId) ?? [])];
  return {
    add(customerId: string | null | undefined, id: string): void {
      if (typeof customerId !== 'string') return;
      index.set(customerId, (index.get(customerId) ?? new Set()).add(id));
    },
    remove(customerId: string | null | undefined, id: string): void {
      index.get(customerId ?? '')?.delete(id);
    },
    clear(customerId: string | undefined): void {
      index.delete(customerId ?? '');
    },
  };
}

/** Methods that name the customer in the index before they write the session. */
export function naming(
  store: SyncStore,
  add: (customerId: string | null | undefined, id: string) => void,
): Pick<FullStore, 'create' | 'update'> {
  return {
    create(id, associations) {
      add(associations.customerId, id);
      return store.create(id, associations);
    },
    update(id, changes) {
      add(changes.customerId, id);
      return store.update(id, changes);
    },
  };
}
