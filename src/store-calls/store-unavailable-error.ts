/** Marks the errors of this package. From the global registry: the ESM and the CommonJS build may both be loaded. */
export const SESSION_ERROR: unique symbol = Symbol.for('express-session-info.error.1') as never;

/**
 * The store failed, returned an invalid value or did not respond in time. `cause` says which; do not show it to a client.
 * `console.error` does not print it, because a driver's message may contain keys, and so session IDs; a logger that reads `cause` does.
 */
export class StoreUnavailableError extends Error {
  override name = 'StoreUnavailableError';
  readonly code = 'store_unavailable';
  readonly status = 503;
  readonly statusCode = 503;
  readonly expose = false;
  /** Sent by Express's error handler too. In seconds: after one, a probe can get through again. */
  readonly headers: Readonly<Record<string, string>> = { 'Retry-After': '1' };

  constructor(cause: unknown) {
    super('Session store unavailable');
    // A getter: what prints an error, as Express's own error handler does by console.error, prints no driver's message.
    Object.defineProperty(this, 'cause', { __proto__: null, get: () => cause, configurable: true } as never);
  }

  get [SESSION_ERROR](): true {
    return true;
  }
}

/** Whether a value has the mark. A driver's error may throw when it is read. */
export function hasErrorMark(error: unknown): boolean {
  try {
    return (error as { [SESSION_ERROR]?: unknown } | null | undefined)?.[SESSION_ERROR] === true;
  } catch {
    return false;
  }
}

/** Also true for an error of the package's other build. */
export function isStoreUnavailable(error: unknown): error is StoreUnavailableError {
  return hasErrorMark(error) && (error as StoreUnavailableError).code === 'store_unavailable';
}
