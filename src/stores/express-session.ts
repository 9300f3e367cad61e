import { checkOptions, type OptionRule } from '../check-options.js';
import { parseAssociations, type SessionAssociations, type SessionInfo } from '../session-info.js';
import type { SessionStore } from '../session-store.js';
import { fromRecord } from './shared/session-record.js';
import { type SessionTimeouts, timeoutRules, withDefaultTimeouts } from './shared/session-timeouts.js';

/** The options of {@link createExpressSessionStore}. */
export interface ExpressSessionStoreOptions extends SessionTimeouts {
  /**
   * What the IDs of our records begin with in the store below, so that they are never those of express-session. Of several
   * bridges over one store, none may have a prefix with which that of another begins. Default `info.`, which a file name can
   * begin with on every system.
   */
  readonly prefix?: string | undefined;
}

/** What the bridge needs of a store made for express-session. Every connect-* store has it. */
export interface ExpressSessionBackend {
  /** Calls back with the record of an ID, or with nothing when there is none; with an error when it failed. */
  get(sid: string, callback: (error: unknown, session?: unknown) => void): unknown;
  /** Keeps a record, which can be made into JSON, and calls back; with an error when it failed. */
  set(sid: string, session: object, callback: (error?: unknown) => void): unknown;
  /** Removes the record of an ID, there or not, and calls back; with an error when it failed. */
  destroy(sid: string, callback: (error?: unknown) => void): unknown;
}

/**
 * Keeps sessions in any store made for express-session, also in the very one that the host's express-session uses.
 *
 * **Atomic within one process only.** The store below can do no more than get and set, so two processes that change one
 * session at the same time can lose a change, make it twice, or bring it back after its end. Within a process the calls for
 * one ID wait for each other, over every bridge to the same store object. A call that the store below never answers holds up
 * the later ones for its ID, and for no other ID until so many wait that `maxPendingStoreCalls` is reached: give the client
 * below a time limit.
 *
 * Times are those of this process. A call makes one or two calls of the store below. A use that would move the deadline by
 * less than 5 % of `idleTimeout` writes nothing. The `cookie` of a record only tells the store below when it may remove it.
 * Throws a TypeError for a wrong option.
 */
export function createExpressSessionStore(
  backend: ExpressSessionBackend,
  options: ExpressSessionStoreOptions = {},
): SessionStore {
  checkBackend(backend);
  checkOptions('createExpressSessionStore', options, rules);
  const { idleTimeout, absoluteTimeout } = withDefaultTimeouts(options);
  const { prefix = 'info.' } = options;
  const inTurn = turnsOf(backend);

  async function read(sessionId: string): Promise<BridgeRecord | undefined> {
    const stored = await settle((callback) => backend.get(prefix + sessionId, callback)).catch(ifMissing);
    return stored ? recordOf(sessionId, stored) : undefined;
  }

  async function write(
    sessionId: string,
    used: Omit<BridgeRecord, 'sessionId' | 'expiresAt'>,
    now: number,
  ): Promise<SessionInfo> {
    const sessionInfo: BridgeRecord = { ...used, sessionId, expiresAt: deadline(used, now) };
    const stored = { cookie: cookieUntil(sessionInfo.expiresAt, now), sessionInfo };
    await settle((callback) => backend.set(prefix + sessionId, stored, callback));
    return fromRecord(sessionId, sessionInfo);
  }

  function deadline({ createdAt }: { createdAt: number }, now: number): number {
    return Math.min(now + idleTimeout, createdAt + absoluteTimeout);
  }

  /** `expiresAt` goes by the timeouts under which the session was last used, which may have been longer. */
  function isLive(record: BridgeRecord | undefined, now: number): record is BridgeRecord {
    return record !== undefined && now < Math.min(record.expiresAt, record.createdAt + absoluteTimeout);
  }

  return {
    create(sessionId, associations) {
      const named = parseAssociations(associations);
      return inTurn(prefix + sessionId, async () => {
        const record = await read(sessionId);
        const now = Date.now();
        if (isLive(record, now)) return undefined;
        return write(sessionId, { ...named, createdAt: now, updatedAt: now }, now);
      });
    },
    get: (sessionId) =>
      inTurn(prefix + sessionId, async () => {
        const record = await read(sessionId);
        const now = Date.now();
        if (!isLive(record, now)) return undefined;
        const move = deadline(record, now) - record.expiresAt;
        if (move >= 0 && move < idleTimeout / 20) return fromRecord(sessionId, record);
        return write(sessionId, record, now);
      }),
    update(sessionId, associations) {
      const named = parseAssociations(associations);
      return inTurn(prefix + sessionId, async () => {
        const record = await read(sessionId);
        const now = Date.now();
        return isLive(record, now)
          ? write(sessionId, { ...record, ...named, updatedAt: now }, now)
          : undefined;
      });
    },
    delete: (sessionId) =>
      inTurn(prefix + sessionId, async () => {
        const record = await read(sessionId);
        const live = isLive(record, Date.now());
        if (record) await settle((callback) => backend.destroy(prefix + sessionId, callback));
        return live;
      }),
  };
}

/** All times in ms since the epoch. */
interface BridgeRecord extends SessionAssociations {
  readonly sessionId: string;
  readonly createdAt: number;
  readonly updatedAt: number;
  readonly expiresAt: number;
}

const rules = {
  ...timeoutRules,
  prefix: {
    valid: (value) => typeof value === 'string' && /^[\w\-.~:]{1,64}$/.test(value),
    fix: '1 to 64 of A-Z a-z 0-9 - . _ ~ :',
  } satisfies OptionRule,
};

function checkBackend(backend: ExpressSessionBackend | undefined): void {
  const isBackend = (['get', 'set', 'destroy'] as const).every(
    (method) => typeof backend?.[method] === 'function',
  );
  if (isBackend) return;
  throw new TypeError(
    'createExpressSessionStore: store must be a store made for express-session, with get, set and destroy; pass one such as new RedisStore({ client }), options second',
  );
}

const turns = new WeakMap<ExpressSessionBackend, Map<string, Promise<unknown>>>();

/** Runs a task for a key when the earlier ones for it have settled. A key is remembered only while it has tasks. */
function turnsOf(backend: ExpressSessionBackend) {
  const last = turns.get(backend) ?? new Map<string, Promise<unknown>>();
  turns.set(backend, last);
  return function inTurn<Value>(key: string, task: () => Promise<Value>): Promise<Value> {
    const turn = (last.get(key) ?? Promise.resolve()).then(task);
    const settled = turn.then(forget, forget);
    function forget() {
      if (last.get(key) === settled) last.delete(key);
    }
    last.set(key, settled);
    return turn;
  };
}

/** Some stores answer by the callback, and also return a promise, which may reject in its place. */
function settle(call: (callback: (error: unknown, value?: unknown) => void) => unknown): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const returned = call((error, value) => (error ? reject(error) : resolve(value)));
    Promise.resolve(returned).catch(reject);
  });
}

/**
 * express-session, too, takes this error of session-file-store for "no session". A server that is down has the same code, where
 * it is reached by a socket of the file system.
 */
function ifMissing(error: NodeJS.ErrnoException | undefined): undefined {
  if (error?.code !== 'ENOENT' || error.syscall === 'connect') throw error;
}

/** A store below that does not take letter case apart gives one session under the ID of another. */
function recordOf(sessionId: string, stored: unknown): BridgeRecord {
  const record = (stored as { sessionInfo?: BridgeRecord }).sessionInfo;
  const hasTimes = typeof record?.createdAt === 'number' && typeof record.expiresAt === 'number';
  if (hasTimes && record.sessionId === sessionId) return record;
  throw new TypeError('the store below holds something else under the ID of a session; set another "prefix"');
}

/**
 * Each store reads another member: `expires` connect-redis, connect-pg-simple and the MemoryStore of express-session,
 * `maxAge` memorystore, `originalMaxAge` session-file-store.
 */
function cookieUntil(expiresAt: number, now: number) {
  return { originalMaxAge: expiresAt - now, maxAge: expiresAt - now, expires: new Date(expiresAt) };
}
