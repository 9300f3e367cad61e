import type { AssociationChanges } from '../../../src/session-info.js';
import type { SessionStore } from '../../../src/session-store.js';
import { createMemoryStore } from '../../../src/stores/memory.js';

/** A memory store, and what each call that changed it received. */
export function createRecordingStore(): { store: SessionStore; writes: AssociationChanges[] } {
  const memory = createMemoryStore();
  const writes: AssociationChanges[] = [];
  const recorded = <Result>(result: Result, associations: AssociationChanges): Result => {
    if (result) writes.push(associations);
    return result;
  };
  return {
    writes,
    store: {
      create: (id, associations) => recorded(memory.create(id, associations), associations),
      get: memory.get,
      peek: memory.peek,
      update: (id, changes) => recorded(memory.update(id, changes), changes),
      delete: (id) => recorded(memory.delete(id), {}),
    },
  };
}
