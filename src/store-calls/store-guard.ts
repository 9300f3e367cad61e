import debug from 'debug';
import { isInteger, type OptionRule } from '../check-options.js';
import { publishStoreFailure } from '../diagnostics.js';
import type { Awaitable, SessionStore } from '../session-store.js';
import { isPromiseLike } from './and-then.js';
import { type CheckedStore, createCheckedStore } from './checked-store.js';

/** What a router or a middleware bears of its store. */
export interface StoreGuardOptions {
  /** How long the store may take for one operation of a request, in ms. Default 1000. */
  readonly storeTimeout?: number | undefined;
  /** How many operations of one router or middleware may wait for the store at a time; one more is refused at once. Default 1000. */
  readonly maxPendingStoreCalls?: number | undefined;
}

/** From the global registry: the ESM and the CommonJS build may both be loaded, and their classes differ. */
const BRAND: unique symbol = Symbol.for('express-session-info.store-unavailable') as never;

/**
 * The store failed, answered nonsense or did not answer in time. `cause` says which; do not show it to a client. `console.error`
 * does not print it, because a driver's message may hold keys, and so session IDs; a logger that reads `cause` does.
 */
export class StoreUnavailableError extends Error {
  /** For what prints the error. A driver's may have the same, so `instanceof` or `code` tells it better. */
  override name = 'StoreUnavailableError';
  /** The same code as in an answer of the routes: see {@link SessionErrorCode}. */
  readonly code = 'store_unavailable';
  /** The HTTP status, where the error handler of Express looks for it. */
  readonly status = 503;
  /** The HTTP status, where other error handlers look for it. */
  readonly statusCode = 503;
  /** Sent with the answer by the error handler of Express: when to try again. */
  readonly headers = {
    /** In seconds. */
    'Retry-After': '1',
  };

  constructor(cause: unknown) {
    super('Session store unavailable');
    // A getter of its own: what prints an error, as Express's own error handler does by console.error, prints no driver's message.
    Object.defineProperty(this, 'cause', { get: () => cause, configurable: true });
  }

  /** Tells the error from others across the package's two builds, ESM and CommonJS, whose classes differ. */
  get [BRAND](): true {
    return true;
  }
}

/** Also of the package's other build. A driver's error may have the same name, and may throw when it is read. */
export function isStoreUnavailable(error: unknown): error is StoreUnavailableError {
  try {
    return (error as StoreUnavailableError)[BRAND] === true;
  } catch {
    return false;
  }
}

/** Whether the time of an operation is over: an operation of several calls makes no further one then. */
export interface Deadline {
  readonly passed: boolean;
}

/**
 * Runs operations on a store, each within `storeTimeout`, at most `maxPendingStoreCalls` at a time. `run` answers at once
 * when the store does. Every failure of the store is a {@link StoreUnavailableError}, thrown or rejected.
 */
export interface StoreGuard {
  run<Value>(operation: (store: CheckedStore, deadline: Deadline) => Awaitable<Value>): Awaitable<Value>;
}

/** The rules of the two options, for `checkOptions`. setTimeout takes at most 2^31 - 1 ms. */
export const storeGuardRules: Record<keyof StoreGuardOptions, OptionRule> = {
  storeTimeout: isInteger('milliseconds', 1, 2 ** 31 - 1),
  maxPendingStoreCalls: isInteger('calls', 1, Number.MAX_SAFE_INTEGER),
};

/**
 * An operation that timed out goes on counting against `maxPendingStoreCalls` until the store settles it. Over the limit one
 * operation in every `storeTimeout` is let through as a probe, so that in a driver that hangs no more than that is added; when
 * the probe succeeds, the store is well again, and the operations that timed out and were never settled are forgotten.
 */
export function createStoreGuard(store: SessionStore, options: StoreGuardOptions = {}): StoreGuard {
  const timeout = options.storeTimeout ?? 1000;
  const maxPending = options.maxPendingStoreCalls ?? 1000;
  const checked = createCheckedStore(store);
  let waiting = 0;
  let overdue = new Set<PendingOperation>();
  let lastProbe = Number.NEGATIVE_INFINITY;

  function settleInTime<Value>(answer: PromiseLike<Value>, operation: PendingOperation, isProbe: boolean) {
    waiting++;
    return new Promise<Value>((resolve, reject) => {
      const timer = setTimeout(() => {
        operation.passed = true;
        waiting--;
        overdue.add(operation);
        reject(unavailable(new Error(`the store did not answer within ${timeout} ms`)));
      }, timeout);
      function settled() {
        clearTimeout(timer);
        if (operation.passed) overdue.delete(operation);
        else waiting--;
      }
      answer.then(
        (value) => {
          settled();
          if (isProbe && !operation.passed) overdue = new Set();
          resolve(value);
        },
        (error) => {
          settled();
          // After the deadline the failure has been told already.
          if (!operation.passed) reject(unavailable(error));
        },
      );
    });
  }

  return {
    run(operation) {
      const pending = waiting + overdue.size;
      const isProbe = pending >= maxPending;
      if (isProbe) {
        const now = performance.now();
        if (now - lastProbe < timeout)
          throw unavailable(new Error(`${pending} calls of the store are pending`));
        lastProbe = now;
      }
      const deadline = { passed: false };
      try {
        const answer = operation(checked, deadline);
        if (isPromiseLike(answer)) return settleInTime(answer, deadline, isProbe);
        if (isProbe) overdue = new Set();
        return answer;
      } catch (error) {
        throw unavailable(error);
      }
    },
  };
}

interface PendingOperation {
  passed: boolean;
}

const log = debug('express-session-info');

function unavailable(cause: unknown): StoreUnavailableError {
  if (isStoreUnavailable(cause)) return cause;
  publishStoreFailure(cause);
  if (log.enabled) log('store unavailable: %s', describe(cause));
  return new StoreUnavailableError(cause);
}

/** Not the message: a driver's may hold keys, and so session IDs. What a driver threw may throw in its turn. */
function describe(cause: unknown): string {
  try {
    const { name, code } = (cause ?? {}) as { name?: unknown; code?: unknown };
    return `${name ?? typeof cause} ${code ?? ''}`;
  } catch {
    return 'an error that can not be read';
  }
}
