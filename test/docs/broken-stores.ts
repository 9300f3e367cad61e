import { setImmediate as turn } from 'node:timers/promises';
import type { AssociationChanges, SessionAssociations, SessionInfo, SessionStore } from '../../src/index.js';
import { createMemoryStore } from '../../src/stores/memory.js';

type Timeouts = { readonly idleTimeout: number; readonly absoluteTimeout: number };

/** Stores that are right except for one thing, by the heading of docs/store-authors.md that is about it. */
export const BROKEN_STORES: Readonly<Record<string, (timeouts: Timeouts) => SessionStore>> = {
  'Read, change, write back'(timeouts) {
    const store = createMemoryStore(timeouts);
    return {
      ...store,
      async update(id, changes) {
        const before = await store.peek(id);
        await turn();
        // Writes all members as they were read, over what another call wrote meanwhile.
        return before && store.update(id, { ...associationsOf(before), ...changes });
      },
    };
  },
  'Look first, then insert'(timeouts) {
    const store = createMemoryStore(timeouts);
    return {
      ...store,
      async create(id, associations) {
        if (await store.peek(id)) return undefined;
        await turn();
        await store.delete(id);
        return store.create(id, associations);
      },
    };
  },
  'An update that inserts'(timeouts) {
    const store = createMemoryStore(timeouts);
    return {
      ...store,
      async update(id, changes) {
        if (!(await store.peek(id))) return undefined;
        await turn();
        return (await store.update(id, changes)) ?? store.create(id, givenOf(changes));
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
      async update(id, changes) {
        const updated = await store.update(id, changes);
        if (!updated) throw new Error('no such session');
        return updated;
      },
    };
  },
  'A peek that is a get'(timeouts) {
    const store = createMemoryStore(timeouts);
    return { ...store, peek: store.get };
  },
  'null as a value'(timeouts) {
    return createObjectStore(timeouts, (info, changes) => ({
      ...info,
      ...Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined)),
    }));
  },
  'undefined over a value'(timeouts) {
    return createObjectStore(timeouts, (info, changes) => {
      const removed = Object.keys(changes).filter((name) => changes[name as never] === null);
      return { ...info, ...changes, ...Object.fromEntries(removed.map((name) => [name, undefined])) };
    });
  },
  'The object itself'(timeouts) {
    const store = createMemoryStore(timeouts);
    const kept = new Map<string, SessionInfo>();
    return {
      ...store,
      get(id) {
        const info = store.get(id) as SessionInfo | undefined;
        const before = kept.get(id);
        if (info && (!before || before.updatedAt !== info.updatedAt)) kept.set(id, { ...info });
        return info && kept.get(id);
      },
    };
  },
  'Expiry by a timer'(timeouts) {
    const store = createMemoryStore();
    return {
      ...store,
      create(id, associations) {
        // Removed some time after it expired, as by a sweep.
        setTimeout(() => store.delete(id), timeouts.idleTimeout + 400).unref();
        return store.create(id, associations);
      },
    };
  },
  'Activity without end'({ idleTimeout }) {
    return createMemoryStore({ idleTimeout });
  },
  'Dates as Date'(timeouts) {
    const store = createMemoryStore(timeouts);
    return {
      ...store,
      async create(id, associations) {
        const info = await store.create(id, associations);
        return info && ({ ...info, createdAt: new Date(info.createdAt) } as object as SessionInfo);
      },
    };
  },
  'IDs that compare loosely'(timeouts) {
    const store = createMemoryStore(timeouts);
    const key = (id: string) => id.toLowerCase();
    const withId = (id: string, info?: SessionInfo) => info && { ...info, sessionId: id };
    return {
      create: async (id, associations) => withId(id, await store.create(key(id), associations)),
      get: async (id) => withId(id, await store.get(key(id))),
      peek: async (id) => withId(id, await store.peek(key(id))),
      update: async (id, changes) => withId(id, await store.update(key(id), changes)),
      delete: (id) => store.delete(key(id)),
    };
  },
  'A plain object for a map'(timeouts) {
    const sessions: Record<string, true> = {};
    const store = createMemoryStore(timeouts);
    return {
      ...store,
      create(id, associations) {
        if (sessions[id] && store.peek(id)) return undefined;
        if (id in sessions && !Object.hasOwn(sessions, id)) return undefined;
        sessions[id] = true;
        return store.create(id, associations);
      },
    };
  },
};

function associationsOf({ agentId, customerId, visitId, globalVisitId }: SessionInfo): SessionAssociations {
  return { agentId, customerId, visitId, globalVisitId };
}

/** Without the members that are null. */
function givenOf(changes: AssociationChanges): SessionAssociations {
  return Object.fromEntries(Object.entries(changes).filter(([, value]) => typeof value === 'string'));
}

/** Keeps plain objects, and updates them by `merge`. */
function createObjectStore(
  { idleTimeout, absoluteTimeout }: Timeouts,
  merge: (info: SessionInfo, changes: AssociationChanges) => object,
): SessionStore {
  const sessions = new Map<string, { info: SessionInfo; idleDeadline: number; absoluteDeadline: number }>();
  const live = (id: string, extend = true) => {
    const found = sessions.get(id);
    const now = Date.now();
    if (!found || now >= Math.min(found.idleDeadline, found.absoluteDeadline)) return undefined;
    if (extend) found.idleDeadline = now + idleTimeout;
    return found;
  };
  const copy = (found?: { info: SessionInfo }) => found && { ...found.info };
  return {
    create(id, associations) {
      if (live(id, false)) return undefined;
      const now = Date.now();
      const time = new Date(now).toISOString();
      const info = { sessionId: id, ...givenOf(associations), createdAt: time, updatedAt: time };
      sessions.set(id, { info, idleDeadline: now + idleTimeout, absoluteDeadline: now + absoluteTimeout });
      return { ...info };
    },
    get: (id) => copy(live(id)),
    peek: (id) => copy(live(id, false)),
    update(id, changes) {
      const found = live(id);
      if (!found) return undefined;
      found.info = { ...(merge(found.info, changes) as SessionInfo), updatedAt: new Date().toISOString() };
      return copy(found);
    },
    delete: (id) => live(id, false) !== undefined && sessions.delete(id),
  };
}
