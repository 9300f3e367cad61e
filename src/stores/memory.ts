import cluster from 'node:cluster';
import { LRUCache } from 'lru-cache';
import { checkOptions, isInteger } from '../options.js';
import { createSessionInfo, mergeAssociations, type SessionInfo } from '../session-info.js';
import type { SessionStore } from '../session-store.js';
import { type SessionTimeouts, timeoutRules, withDefaultTimeouts } from '../session-timeouts.js';
import { warnOnce } from '../warn-once.js';

export interface MemoryStoreOptions extends SessionTimeouts {
  /** The most sessions kept at a time; one more drops the least recently used. Default 100,000. */
  readonly max?: number | undefined;
}

/**
 * Keeps sessions in this process, and ends with it: for one process, for development and for tests. Bounded: over `max` the
 * least recently used session is dropped, expired or not. It answers at once and uses no timer; a session that expired is
 * removed when it is next asked for, or dropped in its turn. Times are `Date.now()`. Throws a TypeError for a wrong option.
 */
export function createMemoryStore(options: MemoryStoreOptions = {}): SessionStore {
  checkOptions('createMemoryStore', options, rules);
  const { idleTimeout, absoluteTimeout } = withDefaultTimeouts(options);
  if (cluster.isWorker && process.env.NODE_ENV === 'production') warnOfWorkers();
  const sessions = new LRUCache<string, StoredSession>({ max: options.max ?? DEFAULT_MAX });

  function live(sessionId: string, now: number): StoredSession | undefined {
    const stored = sessions.get(sessionId);
    if (stored === undefined || now < stored.idleDeadline) return stored;
    sessions.delete(sessionId);
    return undefined;
  }

  function use(stored: StoredSession, now: number): void {
    stored.idleDeadline = Math.min(now + idleTimeout, stored.absoluteDeadline);
  }

  return {
    create(id, associations) {
      const sessionId = flatten(id);
      const now = Date.now();
      if (live(sessionId, now)) return undefined;
      const time = new Date(now).toISOString();
      const { agentId, customerId, visitId, globalVisitId } = associations;
      const info = createSessionInfo({
        sessionId,
        agentId,
        customerId,
        visitId,
        globalVisitId,
        createdAt: time,
        updatedAt: time,
      });
      const stored = { info, idleDeadline: 0, absoluteDeadline: now + absoluteTimeout };
      use(stored, now);
      sessions.set(sessionId, stored);
      return info;
    },
    get(sessionId) {
      const now = Date.now();
      const stored = live(sessionId, now);
      if (stored === undefined) return undefined;
      use(stored, now);
      return stored.info;
    },
    update(sessionId, associations) {
      const now = Date.now();
      const stored = live(sessionId, now);
      if (stored === undefined) return undefined;
      stored.info = mergeAssociations(stored.info, associations, new Date(now).toISOString());
      use(stored, now);
      return stored.info;
    },
    delete(sessionId) {
      return live(sessionId, Date.now()) !== undefined && sessions.delete(sessionId);
    },
  };
}

/**
 * A copy of an ID that stands for itself. V8 makes a part of a string a view of the whole, so that an ID cut out of a URL would
 * keep all of that URL in memory, for as long as the session lives.
 */
function flatten(id: string): string {
  return Buffer.from(id, 'latin1').toString('latin1');
}

function warnOfWorkers(): void {
  warnOnce(
    'MEMORY_STORE_IN_WORKERS',
    'createMemoryStore keeps sessions in one process, and this is one of several workers: a visitor whose next request goes to ' +
      'another worker has no session there. Use a store that the workers share, such as createRedisStore',
  );
}

interface StoredSession {
  info: SessionInfo;
  /** When the session ends unless it is used, in ms since the epoch; never later than `absoluteDeadline`. */
  idleDeadline: number;
  readonly absoluteDeadline: number;
}

const DEFAULT_MAX = 100_000;

const rules = { ...timeoutRules, max: isInteger('sessions', 1, 2 ** 24) };
