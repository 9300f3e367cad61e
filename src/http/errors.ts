import type { ServerResponse } from 'node:http';
import { SESSION_ID_RULE } from '../session-id.js';
import { hasErrorMark, SESSION_ERROR } from '../store-calls/store-unavailable-error.js';

/** Every error of the API: its status, and its message unless a better one is known. */
export const ERRORS = {
  invalid_session_id: { status: 400, message: `A session ID must be ${SESSION_ID_RULE}` },
  invalid_json: { status: 400, message: 'The body is not valid JSON' },
  invalid_body: { status: 400, message: 'The body must be a JSON object' },
  invalid_field: { status: 400, message: 'A field has an invalid value' },
  ambiguous_header: { status: 400, message: 'A header is given twice with different values' },
  forbidden: { status: 403, message: 'Forbidden' },
  session_not_found: { status: 404, message: 'Session not found' },
  method_not_allowed: { status: 405, message: 'Method not allowed' },
  body_too_large: { status: 413, message: 'The body must be at most 16384 bytes' },
  unsupported_media_type: { status: 415, message: 'The body must be JSON in UTF-8' },
  store_unavailable: { status: 503, message: 'Session store unavailable' },
} as const;

/** The `code` of an error. The package's docs/errors.md says when each occurs and what to do. */
export type SessionErrorCode = keyof typeof ERRORS;

/** An error of this package: the routes respond with it, your error handler receives it, the functions throw it. */
export interface SessionError extends Error {
  /** What went wrong. Rely on this, not on the message. */
  readonly code: SessionErrorCode;
  /** The HTTP status, where Express's error handler looks for it. */
  readonly status: number;
  /** The HTTP status, where other error handlers look for it. */
  readonly statusCode: number;
  /** Whether a client may see the message: true below 500. */
  readonly expose: boolean;
  /** Headers of the response, such as `Allow` or `Retry-After`. */
  readonly headers: Readonly<Record<string, string>>;
}

/** Whether an error is one of this package's, in whichever of its two builds it was created. */
export function isSessionError(error: unknown): error is SessionError {
  return hasErrorMark(error);
}

/** An error with the status of its code. */
export function sessionError(
  code: ClientErrorCode,
  message?: string,
  headers?: Readonly<Record<string, string>>,
): SessionError {
  return new ClientError(code, message, headers);
}

type ClientErrorCode = Exclude<SessionErrorCode, 'store_unavailable'>;

class ClientError extends Error implements SessionError {
  override name = 'SessionError';
  readonly status: number;
  readonly statusCode: number;
  readonly expose = true;

  constructor(
    readonly code: ClientErrorCode,
    message: string = ERRORS[code].message,
    readonly headers: Readonly<Record<string, string>> = {},
  ) {
    super(message);
    this.status = ERRORS[code].status;
    this.statusCode = this.status;
  }

  get [SESSION_ERROR](): true {
    return true;
  }
}

/**
 * Responds with an error of the API, and passes any other to `next`: a fault of the app's own code is for the app's own error handler, as
 * is what the response itself throws. If the app has responded already, by a timeout of its own, nothing is left to do.
 */
export function respondWithError(res: ServerResponse, error: unknown, next: (error: unknown) => void): void {
  if (res.headersSent) return;
  try {
    // For an `upgrade` request `res` may be `{}`.
    if (isSessionError(error) && typeof res.setHeader === 'function') {
      const { status, headers, code, message } = error;
      for (const [name, value] of Object.entries(headers)) res.setHeader(name, value);
      respondWithJson(res, status, { error: { code, message } });
      return;
    }
  } catch (thrown) {
    next(toError(thrown));
    return;
  }
  next(toError(error));
}

/** Ends the response with a JSON body, or none, that no cache stores and no browser takes for something else. */
export function respondWithJson(res: ServerResponse, status: number, body?: object): void {
  const json = body && JSON.stringify(body);
  // Also in response to HEAD, for which Node would leave the length out.
  const headers = json === undefined ? HEADERS : { ...HEADERS, 'Content-Length': Buffer.byteLength(json) };
  // Costs a tenth of a GET less, but more if the app has set a header. The response of a test library may lack getHeaderNames.
  if (res.getHeaderNames?.().length === 0) {
    res.writeHead(status, headers);
  } else {
    res.statusCode = status;
    for (const [name, value] of Object.entries(headers)) res.setHeader(name, value);
  }
  res.end(json);
}

const HEADERS = {
  'Content-Type': 'application/json; charset=utf-8',
  'Cache-Control': 'no-store',
  'X-Content-Type-Options': 'nosniff',
};

/**
 * What a hook threw, as `next` needs it: without an Error `next` would go on, and at the words 'route' and 'router' it would skip
 * a guard.
 */
export function toError(thrown: unknown): Error {
  return safeInstanceof(Error, thrown)
    ? thrown
    : new Error('A hook threw something that is not an Error', { cause: thrown });
}

/** `instanceof` that is false when the value itself throws, as a proxy may. */
export function safeInstanceof<Thing>(
  kind: abstract new (...args: never[]) => Thing,
  value: unknown,
): value is Thing {
  try {
    return value instanceof kind;
  } catch {
    return false;
  }
}
