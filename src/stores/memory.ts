import cluster from 'node:cluster';
import { LRUCache } from 'lru-cache';
import { checkOptions, isInteger } from '../check-options.js';
import {
  createSessionInfo,
  mergeAssociations,
  type SessionAssociations,
  type SessionInfo,
} from '../session-info.js';
import type { SessionStore } from '../session-store.js';
import { warnOnce } from '../warn-once.js';
import { isoTime } from './shared/iso-time.js';
import { type SessionTimeouts, timeoutRules, withDefaultTimeouts } from './shared/session-timeouts.js';

/** The options of {@link createMemoryStore}. */
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
  const sessions = new LRUCache<string, PackedSession>({ max: options.max ?? DEFAULT_MAX });
  const start = Date.now();

  function live(sessionId: string, now: number): PackedSession | undefined {
    const packed = sessions.get(sessionId);
    if (packed === undefined || now < packed.idleDeadline) return packed;
    sessions.delete(sessionId);
    return undefined;
  }

  function use(packed: PackedSession, now: number): void {
    packed.idleDeadline = Math.min(now + idleTimeout, packed.createdAt + absoluteTimeout);
  }

  function unpack(sessionId: string, { members, createdAt, updatedAt }: PackedSession): SessionInfo {
    const [agentId, customerId, visitId, globalVisitId] = JSON.parse(members);
    return createSessionInfo({
      sessionId,
      agentId: agentId ?? undefined,
      customerId: customerId ?? undefined,
      visitId: visitId ?? undefined,
      globalVisitId: globalVisitId ?? undefined,
      createdAt: isoTime(start + createdAt),
      updatedAt: isoTime(start + updatedAt),
    });
  }

  return {
    create(sessionId, associations) {
      const now = Date.now() - start;
      if (live(sessionId, now)) return undefined;
      const packed = { members: pack(associations), createdAt: now, updatedAt: now, idleDeadline: 0 };
      use(packed, now);
      sessions.set(sessionId, packed);
      return unpack(sessionId, packed);
    },
    get(sessionId) {
      const now = Date.now() - start;
      const packed = live(sessionId, now);
      if (packed === undefined) return undefined;
      use(packed, now);
      return unpack(sessionId, packed);
    },
    update(sessionId, associations) {
      const now = Date.now() - start;
      const packed = live(sessionId, now);
      if (packed === undefined) return undefined;
      const updated = mergeAssociations(unpack(sessionId, packed), associations, isoTime(start + now));
      packed.members = pack(updated);
      packed.updatedAt = now;
      use(packed, now);
      return updated;
    },
    delete(sessionId) {
      return live(sessionId, Date.now() - start) !== undefined && sessions.delete(sessionId);
    },
  };
}

function pack({ agentId, customerId, visitId, globalVisitId }: SessionAssociations): string {
  return JSON.stringify([agentId, customerId, visitId, globalVisitId]);
}

function warnOfWorkers(): void {
  warnOnce(
    'MEMORY_STORE_IN_WORKERS',
    'createMemoryStore keeps sessions in one process, and this is one of several workers: a visitor whose next request goes to ' +
      'another worker has no session there. Use a store that the workers share, such as createRedisStore',
  );
}

/**
 * Times are ms since the store was made: until it is 24 days old V8 keeps them without an object for each. The members are one
 * text for four.
 */
interface PackedSession {
  /** The associations in the order of the wire format, as a JSON array with null for what is absent. */
  members: string;
  readonly createdAt: number;
  updatedAt: number;
  /** When the session ends unless it is used; never later than `absoluteTimeout` after `createdAt`. */
  idleDeadline: number;
}

const DEFAULT_MAX = 100_000;

const rules = { ...timeoutRules, max: isInteger('sessions', 1, 2 ** 24) };
