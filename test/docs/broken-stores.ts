import { setImmediate as turn } from 'node:timers/promises';
import type { AssociationChanges, SessionAssociations, SessionInfo, SessionStore } from '../../src/index.js';
import { createMemoryStore } from '../../src/stores/memory.js';
import type { SessionTimeouts } from '../../src/stores/shared/session-timeouts.js';

type Timeouts = { readonly idleTimeout: number; readonly absoluteTimeout: number };

/** Stores that are right except for one thing, by the heading of docs/store-authors.md that is about it. */
export const BROKEN_STORES: Readonly<Record<string, (timeouts: Timeouts) => SessionStore>> = {
  'Read, change, write back'(timeouts) {
    const store = createSmallStore(timeouts);
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
    const store = createSmallStore(timeouts);
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
    const store = createSmallStore(timeouts);
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
    const store = createSmallStore(timeouts);
    return { ...store, get: async (id) => ((await store.get(id)) ?? null) as never };
  },
  'An error for not found'(timeouts) {
    const store = createSmallStore(timeouts);
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
    const store = createSmallStore(timeouts);
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
    return createObjectStore(
      timeouts,
      (info, changes) => ({ ...info, ...givenOf(changes) }),
      (info) => info,
    );
  },
  'Expiry by a timer'(timeouts) {
    const store = createSmallStore({});
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
    return createSmallStore({ idleTimeout });
  },
  'Deadlines in whole seconds'({ idleTimeout, absoluteTimeout }) {
    const whole = (ms: number) => Math.ceil(ms / 1000) * 1000;
    return createSmallStore({ idleTimeout: whole(idleTimeout), absoluteTimeout: whole(absoluteTimeout) });
  },
  'Dates as Date'(timeouts) {
    const store = createSmallStore(timeouts);
    return {
      ...store,
      async create(id, associations) {
        const info = await store.create(id, associations);
        return info && ({ ...info, createdAt: new Date(info.createdAt) } as object as SessionInfo);
      },
    };
  },
  'IDs that compare loosely'(timeouts) {
    const store = createSmallStore(timeouts);
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
    const store = createSmallStore(timeouts);
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

/** Of few sessions: a case may open several stores. */
function createSmallStore(timeouts: SessionTimeouts) {
  return createMemoryStore({ ...timeouts, max: 1000 });
}

function associationsOf({ agentId, customerId, visitId, globalVisitId }: SessionInfo): SessionAssociations {
  return { agentId, customerId, visitId, globalVisitId };
}

/** Without the members that are null. */
function givenOf(changes: AssociationChanges): SessionAssociations {
  return Object.fromEntries(Object.entries(changes).filter(([, value]) => typeof value === 'string'));
}

/** Keeps plain objects, updates them by `merge`, and returns them by `show`, which makes a copy. */
function createObjectStore(
  { idleTimeout, absoluteTimeout }: Timeouts,
  merge: (info: SessionInfo, changes: AssociationChanges) => object,
  show = (info: SessionInfo): SessionInfo => ({ ...info }),
): SessionStore {
  const sessions = new Map<string, { info: SessionInfo; idleDeadline: number; absoluteDeadline: number }>();
  const live = (id: string, extend = true) => {
    const found = sessions.get(id);
    const now = Date.now();
    if (!found || now >= Math.min(found.idleDeadline, found.absoluteDeadline)) return undefined;
    if (extend) found.idleDeadline = now + idleTimeout;
    return found;
  };
  const shown = (found?: { info: SessionInfo }) => found && show(found.info);
  return {
    create(id, associations) {
      if (live(id, false)) return undefined;
      const now = Date.now();
      const time = new Date(now).toISOString();
      const info = { sessionId: id, ...givenOf(associations), createdAt: time, updatedAt: time };
      sessions.set(id, { info, idleDeadline: now + idleTimeout, absoluteDeadline: now + absoluteTimeout });
      return show(info);
    },
    get: (id) => shown(live(id)),
    peek: (id) => shown(live(id, false)),
    update(id, changes) {
      const found = live(id);
      if (!found) return undefined;
      found.info = { ...(merge(found.info, changes) as SessionInfo), updatedAt: new Date().toISOString() };
      return shown(found);
    },
    delete: (id) => live(id, false) !== undefined && sessions.delete(id),
  };
}
