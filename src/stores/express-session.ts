import { checkOptions, type OptionRule } from '../check-options.js';
import { mergeAssociations, type SessionInfo } from '../session-info.js';
import type { SessionStore } from '../session-store.js';
import { type BridgeRecord, parseRecord, storedRecord } from './express-session/bridge-record.js';
import { keyedQueue } from './express-session/keyed-queue.js';
import { fromRecord, ownAssociations } from './shared/session-record.js';
import { type SessionTimeouts, timeoutRules, withDefaultTimeouts } from './shared/session-timeouts.js';

/** The options of {@link createExpressSessionStore}. */
export interface ExpressSessionStoreOptions extends SessionTimeouts {
  /**
   * What the IDs of our records begin with in the underlying store, so that they are never those of express-session. If several
   * bridges use one store, no prefix may begin with that of another. Default `info.`, with which a file name can begin on every
   * system.
   */
  readonly prefix?: string | undefined;
}

/** What the bridge needs of a store made for express-session. Every connect-* store has it. */
export interface ExpressSessionBackend {
  /** Calls back with the record of an ID, or with nothing if there is none; with an error if it failed. */
  get(sid: string, callback: (error: unknown, session?: unknown) => void): unknown;
  /** Stores a record, which can be turned into JSON, and calls back; with an error if it failed. */
  set(sid: string, session: object, callback: (error?: unknown) => void): unknown;
  /** Removes the record of an ID, if there is one, and calls back; with an error if it failed. */
  destroy(sid: string, callback: (error?: unknown) => void): unknown;
}

/**
 * Stores sessions in any store made for express-session, also in the one that your app's express-session uses.
 *
 * **Atomic within one process only.** The underlying store has only get, set and destroy, so two processes that change one session
 * at the same time can lose a change, create it twice, or revive it after its end. Within a process the calls for one ID wait for
 * each other, across all bridges to the same store object. A call to which the underlying store does not respond holds up the later
 * ones for its ID; while 250 of one ID wait, further ones are rejected, and those of four IDs reach the default of
 * `maxPendingStoreCalls`. Give the client of that store a time limit, and its server a shorter one: a write that the server makes after
 * the client has given up can undo a later change or end.
 *
 * It has no `CustomerSessions`: the underlying store can't find the sessions of a customer.
 *
 * Times are those of this process. A call makes one or two calls to the underlying store. Activity that would move the deadline by
 * less than 5 % of `idleTimeout` writes nothing, and `peek` never does. Throws a TypeError for a wrong option.
 */
export function createExpressSessionStore(
  backend: ExpressSessionBackend,
  unchecked: ExpressSessionStoreOptions = {},
): SessionStore {
  checkBackend(backend);
  const options = checkOptions('createExpressSessionStore', unchecked, rules);
  const { idleTimeout, absoluteTimeout } = withDefaultTimeouts(options);
  const { prefix = 'info.' } = options;
  const enqueue = keyedQueue(backend);

  async function read(sessionId: string): Promise<BridgeRecord | undefined> {
    const stored = await settle((callback) => backend.get(prefix + sessionId, callback)).catch(ifMissing);
    return stored ? parseRecord(sessionId, stored) : undefined;
  }

  /** `expiresAt` is by the timeouts of the last activity, which may have been longer. */
  function isLive(record: BridgeRecord, now: number): boolean {
    return now < Math.min(record.expiresAt, record.createdAt + absoluteTimeout);
  }

  async function readLive(sessionId: string): Promise<{ record: BridgeRecord | undefined; now: number }> {
    const record = await read(sessionId);
    const now = Date.now();
    return { record: record && isLive(record, now) ? record : undefined, now };
  }

  function deadline(createdAt: number, now: number): number {
    return Math.min(now + idleTimeout, createdAt + absoluteTimeout);
  }

  async function write(record: Omit<BridgeRecord, 'expiresAt'>, now: number): Promise<SessionInfo> {
    const extended = { ...record, expiresAt: deadline(record.createdAt, now) };
    const stored = storedRecord(extended, now);
    await settle((callback) => backend.set(prefix + record.sessionId, stored, callback));
    return fromRecord(record.sessionId, extended);
  }

  return {
    create(sessionId, associations) {
      const members = ownAssociations(associations);
      return enqueue(prefix + sessionId, async () => {
        const { record, now } = await readLive(sessionId);
        return record ? undefined : write({ ...members, sessionId, createdAt: now, updatedAt: now }, now);
      });
    },
    get: (sessionId) =>
      enqueue(prefix + sessionId, async () => {
        const { record, now } = await readLive(sessionId);
        if (!record) return undefined;
        const move = deadline(record.createdAt, now) - record.expiresAt;
        return move >= 0 && move < idleTimeout / 20 ? fromRecord(sessionId, record) : write(record, now);
      }),
    peek: (sessionId) =>
      enqueue(prefix + sessionId, async () => {
        const { record } = await readLive(sessionId);
        return record && fromRecord(sessionId, record);
      }),
    update(sessionId, changes) {
      const given = ownAssociations(changes);
      return enqueue(prefix + sessionId, async () => {
        const { record, now } = await readLive(sessionId);
        if (!record) return undefined;
        const members = mergeAssociations(record, given);
        return write({ ...members, sessionId, createdAt: record.createdAt, updatedAt: now }, now);
      });
    },
    delete: (sessionId) =>
      enqueue(prefix + sessionId, async () => {
        const record = await read(sessionId);
        const now = Date.now();
        if (record) await settle((callback) => backend.destroy(prefix + sessionId, callback));
        return record !== undefined && isLive(record, now);
      }),
  };
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

/** Some stores call back and also return a promise, which may reject instead. */
function settle(call: (callback: (error: unknown, value?: unknown) => void) => unknown): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const returned = call((error, value) => (error ? reject(error) : resolve(value)));
    Promise.resolve(returned).catch(reject);
  });
}

/**
 * express-session, too, treats this error of session-file-store as "no session". A server that is down has the same code if it is
 * reached by a socket of the file system.
 */
function ifMissing(error: NodeJS.ErrnoException | undefined): undefined {
  if (error?.code !== 'ENOENT' || error.syscall === 'connect') throw error;
}
