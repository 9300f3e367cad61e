import type { AssociationChanges, SessionInfo } from '../../session-info.js';
import type { CustomerSessions, SessionStore } from '../../session-store.js';
import { checkCustomerCall } from '../shared/check-customer-call.js';
import { listLimit } from '../shared/list-limit.js';
import { ownAssociations } from '../shared/session-record.js';
import { addToIndex, INDEX_LIMITS, type IndexLimits, readIndex } from './customer-index.js';
import { callSession, fieldsOf, type RedisSettings } from './session-script.js';

/**
 * The two methods of CustomerSessions, and the two methods of the store that write the index they read.
 *
 * An entry is written before the session, and leaves only by age. Removing one earlier would lose a session: a command that
 * associates the same ID with the customer may be on its way, and neither the entry nor the session shows it.
 */
export function createCustomerSessions(
  settings: RedisSettings,
  limits: IndexLimits = INDEX_LIMITS,
): CustomerSessions & Pick<SessionStore, 'create' | 'update'> {
  async function write(method: 'create' | 'update', sessionId: string, changes: AssociationChanges) {
    const members = ownAssociations(changes);
    const fields = fieldsOf(members);
    const { customerId } = members;
    if (!customerId) return callSession(settings, method, sessionId, { fields });
    // One after the other: a session whose entry failed or came late would never be listed. And not too long after: the
    // session has to end before its entry leaves.
    const time = await addToIndex(settings, limits, customerId, sessionId);
    return callSession(settings, method, sessionId, { fields, notAfter: time + limits.fence });
  }

  return {
    create: (sessionId, associations) => write('create', sessionId, associations),
    update: (sessionId, changes) => write('update', sessionId, changes),

    async listByCustomer(customerId, options) {
      const limit = listLimit(customerId, options);
      let newest: SessionInfo[] = [];
      for await (const { sessions, next } of readSessions(settings, limits, customerId)) {
        newest = [...newest, ...sessions].sort(newestFirst).slice(0, limit);
        const last = newest[limit - 1];
        // Later entries may be of older sessions, but not of newer ones.
        if (last && next && Date.parse(last.createdAt) > next.time + limits.margin) break;
      }
      return Object.freeze(newest);
    },

    async deleteByCustomer(customerId, options) {
      const { except } = checkCustomerCall('deleteByCustomer', customerId, options);
      let ended = 0;
      for await (const { sessions } of readSessions(settings, limits, customerId)) {
        const others = sessions.filter(({ sessionId }) => sessionId !== except);
        const results = await Promise.all(others.map((session) => endUnchanged(settings, session)));
        ended += results.filter((session) => session !== undefined).length;
      }
      return ended;
    },
  };
}

/** The live sessions of the customer in batches, each with the entry that comes after it. */
async function* readSessions(settings: RedisSettings, { batch }: IndexLimits, customerId: string) {
  const entries = await readIndex(settings, customerId);
  for (let from = 0; from < entries.length; from += batch) {
    const part = entries.slice(from, from + batch);
    const found = await Promise.all(part.map(({ sessionId }) => callSession(settings, 'peek', sessionId)));
    const sessions = found.filter((session) => session?.customerId === customerId) as SessionInfo[];
    yield { sessions, next: entries[from + batch] };
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
