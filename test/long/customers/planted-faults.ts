import type { AssociationChanges, SessionInfo } from '../../../src/session-info.js';
import { addToIndex, type IndexLimits, readIndex } from '../../../src/stores/redis/customer-index.js';
import { createCustomerSessions } from '../../../src/stores/redis/customer-sessions.js';
import { callSession, fieldsOf, type RedisSettings } from '../../../src/stores/redis/session-script.js';
import { type CustomerStore, type OpenRedisStore, openRedisStore } from './open-redis-store.js';

/** Stores with one fault each in how they keep or read the index. Each passes every test in which one call follows the other. */
export const plantedFaults = {
  'the entry and the session at once, instead of one after the other': (settings, limits) => {
    const write = (method: 'create' | 'update') => async (sessionId: string, changes: AssociationChanges) => {
      const { customerId } = changes;
      const session = callSession(settings, method, sessionId, { fields: fieldsOf(changes) });
      const entry = customerId ? addToIndex(settings, limits, customerId, sessionId) : undefined;
      return (await Promise.all([session, entry]))[0];
    };
    return { ...openRedisStore(settings, limits), create: write('create'), update: write('update') };
  },

  'the session before its entry': (settings, limits) => {
    const write = (method: 'create' | 'update') => async (sessionId: string, changes: AssociationChanges) => {
      const session = await callSession(settings, method, sessionId, { fields: fieldsOf(changes) });
      if (session && changes.customerId) await addToIndex(settings, limits, changes.customerId, sessionId);
      return session;
    };
    return { ...openRedisStore(settings, limits), create: write('create'), update: write('update') };
  },

  'an entry that stays only for absoluteTimeout': (settings, limits) =>
    openRedisStore(settings, { ...limits, margin: 0 }),

  'an entry that stays for the fence, but not for clocks that differ': (settings, limits) =>
    openRedisStore(settings, { ...limits, margin: limits.fence }),

  'no fence: a session is written however late': (settings, limits) =>
    openRedisStore(settings, { ...limits, fence: 1e9 }),

  'a list removes the entries that it can not confirm': (settings, limits) =>
    removingUnconfirmed(settings, limits, () => undefined),

  'a list removes the entries that it can not confirm, if their time is the same': (settings, limits) =>
    removingUnconfirmed(settings, limits, ({ time }) => time),

  'a delete removes the entry': (settings, limits) => {
    const store = openRedisStore(settings, limits);
    return {
      ...store,
      async delete(sessionId) {
        const ended = await callSession(settings, 'delete', sessionId);
        if (ended?.customerId) await removeEntry(settings, ended.customerId, sessionId);
        return ended !== undefined;
      },
    };
  },

  'a move removes the entry': (settings, limits) => {
    const store = openRedisStore(settings, limits);
    return {
      ...store,
      async update(sessionId, changes) {
        const before = await store.peek(sessionId);
        const updated = await store.update(sessionId, changes);
        if (before?.customerId && updated && updated.customerId !== before.customerId)
          await removeEntry(settings, before.customerId, sessionId);
        return updated;
      },
    };
  },

  'deleteByCustomer ends what it read, without comparing again': (settings, limits) =>
    endingWith(settings, limits, () => []),

  'deleteByCustomer compares only the customer': (settings, limits) =>
    endingWith(settings, limits, ({ customerId = '' }) => ['customerId', customerId]),

  'deleteByCustomer compares only createdAt': (settings, limits) =>
    endingWith(settings, limits, ({ createdAt }) => ['createdAt', `${Date.parse(createdAt)}`]),

  'a list reads the index page by page': (settings, limits) =>
    listing(settings, limits, async function* (customerId) {
      for (let rank = 0; ; rank++) {
        const key = keyOf(settings, customerId);
        const page = await settings.sendCommand(['ZREVRANGE', key, `${rank}`, `${rank}`], key);
        const [sessionId] = page as string[];
        if (sessionId === undefined) return;
        yield await callSession(settings, 'peek', sessionId);
      }
    }),

  'a list with a limit takes the sessions that were associated last': (settings, limits) =>
    listing(
      settings,
      limits,
      async function* (customerId) {
        for (const { sessionId } of await readIndex(settings, customerId))
          yield await callSession(settings, 'peek', sessionId);
      },
      'first',
    ),

  'a list with a limit stops without a margin': (settings, limits) => {
    const { listByCustomer } = createCustomerSessions(settings, { ...limits, margin: 0 });
    return { ...openRedisStore(settings, limits), listByCustomer };
  },

  'a list leaves out the sessions that it failed to read': (settings, limits) =>
    listing(settings, limits, async function* (customerId) {
      for (const { sessionId } of await readIndex(settings, customerId))
        yield await callSession(settings, 'peek', sessionId).catch(() => undefined);
    }),

  'a list has every session of the index': (settings, limits) => ({
    ...openRedisStore(settings, limits),
    async listByCustomer(customerId) {
      const entries = await readIndex(settings, customerId);
      const found: SessionInfo[] = [];
      for (const { sessionId } of entries) {
        const session = await callSession(settings, 'peek', sessionId);
        if (session) found.push(session);
      }
      return found;
    },
  }),
} satisfies Record<string, OpenRedisStore>;

function removingUnconfirmed(
  settings: RedisSettings,
  limits: IndexLimits,
  unlessChangedSince: (entry: { readonly time: number }) => number | undefined,
): CustomerStore {
  return listing(settings, limits, async function* (customerId) {
    for (const entry of await readIndex(settings, customerId)) {
      const session = await callSession(settings, 'peek', entry.sessionId);
      if (session?.customerId === customerId) yield session;
      else await removeEntry(settings, customerId, entry.sessionId, unlessChangedSince(entry));
    }
  });
}

/** A store whose list takes the sessions of the customer from what it reads: the newest, or those that it reads first. */
function listing(
  settings: RedisSettings,
  limits: IndexLimits,
  read: (customerId: string) => AsyncIterable<SessionInfo | undefined>,
  take: 'newest' | 'first' = 'newest',
): CustomerStore {
  return {
    ...openRedisStore(settings, limits),
    async listByCustomer(customerId, { limit = 100 } = {}) {
      const list: SessionInfo[] = [];
      for await (const session of read(customerId)) {
        if (session?.customerId === customerId) list.push(session);
        if (take === 'first' && list.length === limit) break;
      }
      return list.sort((a, b) => Date.parse(b.createdAt) - Date.parse(a.createdAt)).slice(0, limit);
    },
  };
}

/** A store whose `deleteByCustomer` ends a session if it has those fields. */
function endingWith(
  settings: RedisSettings,
  limits: IndexLimits,
  fields: (session: SessionInfo) => string[],
): CustomerStore {
  return {
    ...openRedisStore(settings, limits),
    async deleteByCustomer(customerId, { except } = {}) {
      let ended = 0;
      for (const { sessionId } of await readIndex(settings, customerId)) {
        const session = await callSession(settings, 'peek', sessionId);
        if (session?.customerId !== customerId || sessionId === except) continue;
        if (await callSession(settings, 'delete', sessionId, { fields: fields(session) })) ended++;
      }
      return ended;
    },
  };
}

async function removeEntry(
  settings: RedisSettings,
  customerId: string,
  sessionId: string,
  time?: number,
): Promise<void> {
  const key = keyOf(settings, customerId);
  await settings.sendCommand(['ZREM', key, sessionId, ...(time === undefined ? [] : [`${time}`])], key);
}

function keyOf({ prefix }: RedisSettings, customerId: string): string {
  return `${prefix}customer:${customerId}:`;
}
