import { setImmediate as turn } from 'node:timers/promises';
import type { SessionAssociations, SessionInfo, SessionStore } from '../../src/index.js';
import { createMemoryStore } from '../../src/stores/memory.js';
import type { CreateStore } from '../../src/testing/index.js';

type Timeouts = Parameters<CreateStore>[0];

/** Stores that are right but for one thing, by the heading of docs/store-authors.md that is about it. */
export const BROKEN_STORES: Readonly<Record<string, (timeouts: Timeouts) => SessionStore>> = {
  'Read, change, write back'(timeouts) {
    const store = createMemoryStore(timeouts);
    return {
      ...store,
      async update(id, named) {
        const before = await store.get(id);
        await turn();
        // Writes all members as they were read, over what another call wrote meanwhile.
        return before && store.update(id, { ...associationsOf(before), ...named });
      },
    };
  },
  'Look first, then insert'(timeouts) {
    const store = createMemoryStore(timeouts);
    return {
      ...store,
      async create(id, named) {
        if (await store.get(id)) return undefined;
        await turn();
        await store.delete(id);
        return store.create(id, named);
      },
    };
  },
  'An update that inserts'(timeouts) {
    const store = createMemoryStore(timeouts);
    return {
      ...store,
      async update(id, named) {
        if (!(await store.get(id))) return undefined;
        await turn();
        return (await store.update(id, named)) ?? store.create(id, named);
      },
    };
  },
  'null for not found'(timeouts) {
    const store = createMemoryStore(timeouts);
    return { ...store, get: async (id) => ((await store.get(id)) ?? null) as never };
  },
  'An error for not found'(timeouts) {
    const store = createMemoryStore(timeouts);
    return {
      ...store,
      async update(id, named) {
        const updated = await store.update(id, named);
        if (!updated) throw new Error('no such session');
        return updated;
      },
    };
  },
  'The object itself'(timeouts) {
    return createObjectStore(timeouts);
  },
  'Expiry by a timer'(timeouts) {
    const store = createMemoryStore();
    return {
      ...store,
      create(id, named) {
        // Removed some time after it expired, as by a sweep.
        setTimeout(() => store.delete(id), timeouts.idleTimeout + 400).unref();
        return store.create(id, named);
      },
    };
  },
  'Dates as Date'(timeouts) {
    const store = createMemoryStore(timeouts);
    return {
      ...store,
      async create(id, named) {
        const info = await store.create(id, named);
        return info && ({ ...info, createdAt: new Date(info.createdAt) } as object as SessionInfo);
      },
    };
  },
  'undefined over a value'(timeouts) {
    return createObjectStore(timeouts, (info) => ({ ...info }));
  },
  'Use without end'({ idleTimeout }) {
    return createMemoryStore({ idleTimeout });
  },
  'IDs that compare loosely'(timeouts) {
    const store = createMemoryStore(timeouts);
    const key = (id: string) => id.toLowerCase();
    const named = (id: string, info?: SessionInfo) => info && { ...info, sessionId: id };
    return {
      create: async (id, given) => named(id, await store.create(key(id), given)),
      get: async (id) => named(id, await store.get(key(id))),
      update: async (id, given) => named(id, await store.update(key(id), given)),
      delete: (id) => store.delete(key(id)),
    };
  },
  'A plain object for a map'(timeouts) {
    const sessions: Record<string, true> = {};
    const store = createMemoryStore(timeouts);
    return {
      ...store,
      create(id, named) {
        if (sessions[id] && store.get(id)) return undefined;
        if (id in sessions && !Object.hasOwn(sessions, id)) return undefined;
        sessions[id] = true;
        return store.create(id, named);
      },
    };
  },
};

function associationsOf({ agentId, customerId, visitId, globalVisitId }: SessionInfo): SessionAssociations {
  return { agentId, customerId, visitId, globalVisitId } as object;
}

/** Keeps plain objects, and hands them out by `show`: as they are, unless it copies. */
function createObjectStore(
  { idleTimeout }: Timeouts,
  show = (info: SessionInfo): SessionInfo => info,
): SessionStore {
  const sessions = new Map<string, { info: SessionInfo; deadline: number }>();
  const live = (id: string) => {
    const found = sessions.get(id);
    if (found && Date.now() >= found.deadline) return undefined;
    if (found) found.deadline = Date.now() + idleTimeout;
    return found;
  };
  return {
    create(id, named) {
      if (live(id)) return undefined;
      const time = new Date().toISOString();
      const info = { sessionId: id, ...named, createdAt: time, updatedAt: time };
      sessions.set(id, { info, deadline: Date.now() + idleTimeout });
      return show(info);
    },
    get(id) {
      const found = live(id);
      return found && show(found.info);
    },
    update(id, named) {
      const found = live(id);
      if (!found) return undefined;
      found.info = { ...found.info, ...named, updatedAt: new Date().toISOString() };
      return show(found.info);
    },
    delete: (id) => live(id) !== undefined && sessions.delete(id),
  };
}
