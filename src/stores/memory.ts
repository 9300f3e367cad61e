import { LRUCache } from 'lru-cache';
import { checkOptions, isInteger } from '../check-options.js';
import { warnOnce } from '../once-per-process.js';
import { type CustomerSessions, type SessionStore, trustedMethods } from '../session-store.js';
import { createCustomerIndex } from './memory/customer-index.js';
import {
  changeMembers,
  customerOf,
  type PackedSession,
  packMembers,
  unpackSession,
} from './memory/packed-session.js';
import { steadyTime } from './memory/steady-time.js';
import { checkCustomerCall } from './shared/check-customer-call.js';
import { changesOf, columnsOf } from './shared/columns.js';
import { listLimit } from './shared/list-limit.js';
import { type SessionTimeouts, timeoutRules, withDefaultTimeouts } from './shared/session-timeouts.js';

/** The options of {@link createMemoryStore}. */
export interface MemoryStoreOptions extends SessionTimeouts {
  /** The most sessions kept at a time; one more drops the least recently used. Default 100,000, at most 8,388,608. */
  readonly max?: number | undefined;
}

/**
 * Keeps sessions in the memory of one process, and ends with it: for development, for tests and for apps of a single process. Over
 * `max` it drops the least recently used session, expired or not. It returns values, not promises, and uses no timer: an expired
 * session is removed when it is next asked for, or dropped in its turn.
 *
 * `createdAt` and `updatedAt` are times of `Date.now()`. The timeouts go by `performance.now()`, so that setting the system's clock
 * neither ends a session nor keeps it alive; time that the machine spends asleep may not count. Where a test has replaced `Date`, by
 * fake timers or otherwise, the timeouts go by that one. Throws a TypeError for a wrong option.
 */
export function createMemoryStore(unchecked: MemoryStoreOptions = {}): SessionStore & CustomerSessions {
  const options = checkOptions('createMemoryStore', unchecked, rules);
  const { idleTimeout, absoluteTimeout } = withDefaultTimeouts(options);
  if (process.env.NODE_ENV === 'production' && isClusterWorker()) warnOfWorkers();
  const start = Date.now();
  const customers = createCustomerIndex();
  const sessions = new LRUCache<string, PackedSession>({
    max: options.max ?? DEFAULT_MAX,
    dispose: (packed) => customers.remove(customerOf(packed.members), packed),
  });

  function live(sessionId: string, now: number): PackedSession | undefined {
    const packed = sessions.get(sessionId);
    if (packed === undefined || now < packed.idleDeadline) return packed;
    sessions.delete(sessionId);
    return undefined;
  }

  /** A whole number, because V8 would keep an object for another. */
  function sinceStart(time: number): number {
    return Math.floor(time - start);
  }

  function extend(packed: PackedSession, now: number): void {
    packed.idleDeadline = Math.min(now + idleTimeout, packed.absoluteDeadline);
  }

  function liveOfCustomer(customerId: string): PackedSession[] {
    const now = sinceStart(steadyTime());
    return customers
      .candidates(customerId)
      .filter(({ idleDeadline, members }) => now < idleDeadline && customerOf(members) === customerId);
  }

  const store: SessionStore & CustomerSessions = {
    create(sessionId, associations) {
      const now = sinceStart(steadyTime());
      if (live(sessionId, now)) return undefined;
      const time = sinceStart(Date.now());
      const packed: PackedSession = {
        sessionId,
        members: packMembers(columnsOf(associations)),
        createdAt: time,
        updatedAt: time,
        idleDeadline: 0,
        absoluteDeadline: now + absoluteTimeout,
      };
      extend(packed, now);
      sessions.set(sessionId, packed);
      customers.add(customerOf(packed.members), packed);
      return unpackSession(packed, start);
    },
    get(sessionId) {
      const now = sinceStart(steadyTime());
      const packed = live(sessionId, now);
      if (packed === undefined) return undefined;
      extend(packed, now);
      return unpackSession(packed, start);
    },
    peek(sessionId) {
      const packed = sessions.peek(sessionId);
      const isLive = packed && sinceStart(steadyTime()) < packed.idleDeadline;
      return isLive ? unpackSession(packed, start) : undefined;
    },
    update(sessionId, changes) {
      const now = sinceStart(steadyTime());
      const packed = live(sessionId, now);
      if (packed === undefined) return undefined;
      const before = customerOf(packed.members);
      packed.members = changeMembers(packed.members, changesOf(changes));
      const after = customerOf(packed.members);
      if (after !== before) {
        customers.remove(before, packed);
        customers.add(after, packed);
      }
      packed.updatedAt = sinceStart(Date.now());
      extend(packed, now);
      return unpackSession(packed, start);
    },
    delete(sessionId) {
      return live(sessionId, sinceStart(steadyTime())) !== undefined && sessions.delete(sessionId);
    },
    listByCustomer(customerId, options) {
      const limit = listLimit(customerId, options);
      return liveOfCustomer(customerId)
        .reverse()
        .sort((a, b) => b.createdAt - a.createdAt)
        .slice(0, limit)
        .map((packed) => unpackSession(packed, start));
    },
    deleteByCustomer(customerId, options) {
      const { except } = checkCustomerCall('deleteByCustomer', customerId, options);
      const ended = liveOfCustomer(customerId).filter(({ sessionId }) => sessionId !== except);
      for (const { sessionId } of ended) sessions.delete(sessionId);
      return ended.length;
    },
  };
  for (const method of Object.values(store)) trustedMethods.add(method);
  return store;
}

/** Not by an import, which would load child_process and dgram into every app. */
function isClusterWorker(): boolean {
  const cluster = process.getBuiltinModule('node:cluster') as unknown as { readonly isWorker: boolean };
  return cluster.isWorker;
}

function warnOfWorkers(): void {
  warnOnce(
    'MEMORY_STORE_IN_WORKERS',
    'createMemoryStore keeps sessions in one process, and this is one of several workers: a visitor whose next request goes to ' +
      'another worker has no session there. Use a store that the workers share, such as createRedisStore',
  );
}

const DEFAULT_MAX = 100_000;

// A Map of V8 has room for 2^24 entries, and those that were deleted take up to half of it until it is rebuilt.
const rules = { ...timeoutRules, max: isInteger('sessions', 1, 2 ** 23) };
