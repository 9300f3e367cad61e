import type { SessionAssociations } from '../../../src/session-info.js';
import type { SessionStore } from '../../../src/session-store.js';
import { createMemoryStore } from '../../../src/stores/memory.js';

/** A memory store, and what each call that changed it was given. */
export function createRecordingStore(): { store: SessionStore; writes: SessionAssociations[] } {
  const memory = createMemoryStore();
  const writes: SessionAssociations[] = [];
  const recorded = <Answer>(answer: Answer, associations: SessionAssociations): Answer => {
    if (answer) writes.push(associations);
    return answer;
  };
  return {
    writes,
    store: {
      create: (id, named) => recorded(memory.create(id, named), named),
      get: (id) => memory.get(id),
      update: (id, named) => recorded(memory.update(id, named), named),
      delete: (id) => recorded(memory.delete(id), {}),
    },
  };
}
