import { debuglog } from 'node:util';
import { isInteger, type OptionRule } from '../check-options.js';
import { publishStoreFailure } from '../diagnostics.js';
import { oncePerProcess } from '../once-per-process.js';
import type { Awaitable, SessionStore } from '../session-store.js';
import { Admission, type AdmissionLimits, type PendingCall } from './admission.js';
import { isPromiseLike } from './and-then.js';
import { createCheckedStore } from './checked-store.js';
import { startTimer, stopTimer } from './real-time.js';
import { isStoreUnavailable, StoreUnavailableError } from './store-unavailable-error.js';

/** Limits on the calls to a store. They belong to the store object and are shared by everything that is mounted on it. */
export interface StoreLimits {
  /** How long the store may take for one operation of a request or one call of `customerSessions`, in ms. Default 1000. */
  readonly storeTimeout?: number | undefined;
  /** How many operations may wait for the store at a time; further ones fail at once. Default 1000. */
  readonly maxPendingStoreCalls?: number | undefined;
}

/** Whether the time of an operation is over: an operation of several calls makes no further one then. */
export interface Deadline {
  readonly passed: boolean;
}

/**
 * Runs operations on one store, each within `storeTimeout`, at most `maxPendingStoreCalls` at a time. `run` returns a value when the
 * store does. Every failure of the store is a {@link StoreUnavailableError}, thrown or rejected.
 */
export interface StoreGuard {
  run<Value>(operation: (store: SessionStore, deadline: Deadline) => Awaitable<Value>): Awaitable<Value>;
  /** Throws a TypeError if a limit differs from one that was set before. `factory` is the function that was given it. */
  limit(factory: string, limits: StoreLimits): void;
}

/** The rules of the two options, for `checkOptions`. setTimeout takes at most 2^31 - 1 ms. */
export const storeLimitRules: Record<keyof StoreLimits, OptionRule> = {
  storeTimeout: isInteger('milliseconds', 1, 2 ** 31 - 1),
  maxPendingStoreCalls: isInteger('calls', 1, Number.MAX_SAFE_INTEGER),
};

/** The guard of a store object: always the same one, also from the package's other build. */
export function guardOf(store: SessionStore): StoreGuard {
  const guard = guards.get(store) ?? createStoreGuard(store);
  guards.set(store, guard);
  return guard;
}

const guards = oncePerProcess('guards.1', () => new WeakMap<SessionStore, StoreGuard>());

function createStoreGuard(store: SessionStore): StoreGuard {
  const limits: { -readonly [Name in keyof AdmissionLimits]?: number } = Object.create(null);
  const admission = new Admission();
  const checked = createCheckedStore(store);

  return {
    run(operation) {
      const { storeTimeout = 1000, maxPendingStoreCalls = 1000 } = limits;
      try {
        const isProbe = admission.admit({ storeTimeout, maxPendingStoreCalls });
        const call = { passed: false, isProbe };
        const result = operation(checked, call);
        if (isPromiseLike(result)) return settleInTime(result, call, admission, storeTimeout);
        if (isProbe) admission.probeSucceeded();
        return result;
      } catch (error) {
        throw unavailable(error);
      }
    },
    limit(factory, given) {
      const names = (['storeTimeout', 'maxPendingStoreCalls'] as const).filter(
        (name) => given[name] !== undefined,
      );
      for (const name of names) {
        if (limits[name] === undefined || limits[name] === given[name]) continue;
        throw new TypeError(
          `${factory}: option "${name}" is already ${limits[name]} for this store; set it once, or to the same value everywhere`,
        );
      }
      for (const name of names) limits[name] = given[name] as number;
    },
  };
}

function settleInTime<Value>(
  result: PromiseLike<Value>,
  call: PendingCall,
  admission: Admission,
  storeTimeout: number,
): Promise<Value> {
  admission.started();
  return new Promise<Value>((resolve, reject) => {
    const timer = startTimer(() => {
      admission.timedOut(call);
      reject(unavailable(new Error(`the store did not respond within ${storeTimeout} ms`)));
    }, storeTimeout);
    function settled() {
      stopTimer(timer);
      admission.settled(call);
    }
    result.then(
      (value) => {
        settled();
        if (call.isProbe && !call.passed) admission.probeSucceeded();
        resolve(value);
      },
      (error) => {
        settled();
        // After the deadline the failure has been reported already.
        if (!call.passed) reject(unavailable(error));
      },
    );
  });
}

const debug = debuglog('express-session-info');

function unavailable(cause: unknown): StoreUnavailableError {
  if (isStoreUnavailable(cause)) return cause;
  publishStoreFailure(cause);
  if (debug.enabled) debug('store unavailable: %s', describe(cause));
  return new StoreUnavailableError(cause);
}

/** Class and code, not the message: a driver's may contain keys, and so session IDs. Reading what a driver threw may throw. */
function describe(cause: unknown): string {
  try {
    if (typeof cause !== 'object' || cause === null) return cause === null ? 'null' : typeof cause;
    const { constructor: kind, code } = cause as { constructor?: { name?: string }; code?: unknown };
    return `${kind?.name ?? 'an object'} ${typeof code === 'string' || typeof code === 'number' ? code : ''}`.trim();
  } catch {
    return 'an error that cannot be read';
  }
}
