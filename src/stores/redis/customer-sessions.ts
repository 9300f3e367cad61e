import { checkOptions, isInteger } from '../../check-options.js';
import type { AssociationChanges, SessionInfo } from '../../session-info.js';
import type { CustomerSessions, SessionStore } from '../../session-store.js';
import { addToIndex, INDEX_TIMES, type IndexTimes, readIndex } from './customer-index.js';
import { callSession, fieldsOf, type RedisSettings } from './session-script.js';

/**
 * The two methods of CustomerSessions, and the two methods of the store that write the index they read.
 *
 * An entry is written before the session, and leaves only by age. Removing one earlier would lose a session: a command that
 * associates the same ID with the customer may be on its way, and neither the entry nor the session shows it. `times` is for
 * tests.
 */
export function createCustomerSessions(
  settings: RedisSettings,
  times: IndexTimes = INDEX_TIMES,
): CustomerSessions & Pick<SessionStore, 'create' | 'update'> {
  async function write(method: 'create' | 'update', sessionId: string, changes: AssociationChanges) {
    const { customerId } = changes;
    const fields = fieldsOf(changes);
    if (!customerId) return callSession(settings, method, sessionId, { fields });
    // One after the other: a session whose entry failed or came late would never be listed. And not too long after: the
    // session has to end before its entry leaves.
    const time = await addToIndex(settings, times, customerId, sessionId);
    return callSession(settings, method, sessionId, { fields, notAfter: time + times.fence });
  }

  return {
    create: (sessionId, associations) => write('create', sessionId, associations),
    update: (sessionId, changes) => write('update', sessionId, changes),

    async listByCustomer(customerId, options = {}) {
      checkOptions('listByCustomer', options, limitRule);
      const { limit = 100 } = options;
      let newest: SessionInfo[] = [];
      for await (const { sessions, next } of readSessions(settings, customerId)) {
        newest = [...newest, ...sessions].sort(newestFirst).slice(0, limit);
        const last = newest[limit - 1];
        // Later entries may be of older sessions, but not of newer ones.
        if (last && next && Date.parse(last.createdAt) > next.time + times.margin) break;
      }
      return Object.freeze(newest);
    },

    async deleteByCustomer(customerId, { except } = {}) {
      let ended = 0;
      for await (const { sessions } of readSessions(settings, customerId)) {
        const others = sessions.filter(({ sessionId }) => sessionId !== except);
        const results = await Promise.all(others.map((session) => endUnchanged(settings, session)));
        ended += results.filter((session) => session !== undefined).length;
      }
      return ended;
    },
  };
}

const limitRule = { limit: isInteger('sessions', 1, 1000) };

/** How many sessions are read at once. */
const BATCH = 100;

/** The live sessions of the customer in batches, each with the entry that comes after it. */
async function* readSessions(settings: RedisSettings, customerId: string) {
  const entries = await readIndex(settings, customerId);
  for (let from = 0; from < entries.length; from += BATCH) {
    const batch = entries.slice(from, from + BATCH);
    const found = await Promise.all(batch.map(({ sessionId }) => callSession(settings, 'peek', sessionId)));
    const sessions = found.filter((session) => session?.customerId === customerId) as SessionInfo[];
    yield { sessions, next: entries[from + BATCH] };
  }
}

/** Ends a session, unless it has moved to another customer or the ID is a newer session's. */
function endUnchanged(
  settings: RedisSettings,
  { sessionId, customerId = '', createdAt }: SessionInfo,
): Promise<SessionInfo | undefined> {
  const fields = ['customerId', customerId, 'createdAt', `${Date.parse(createdAt)}`];
  return callSession(settings, 'delete', sessionId, { fields });
}

function newestFirst(a: SessionInfo, b: SessionInfo): number {
  return a.createdAt < b.createdAt ? 1 : a.createdAt > b.createdAt ? -1 : 0;
}
