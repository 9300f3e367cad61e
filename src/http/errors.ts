import type { ServerResponse } from 'node:http';
import { publishSession } from '../diagnostics.js';
import { isStoreUnavailable } from '../store-calls/store-guard.js';
import { asError, isA } from './host-error.js';

/**
 * Every error of the API: its status, and the message that goes with it unless a better one is known. Two of them a host's own
 * error handler may see as well, and so their classes carry code and status too: InvalidAssociationError in session-info.ts,
 * StoreUnavailableError in session-store-guard.ts.
 */
export const ERRORS = {
  invalid_session_id: {
    status: 400,
    message: 'A session ID must be 1 to 128 of A-Z a-z 0-9 - . _ ~, and not ., .. or new',
  },
  invalid_json: { status: 400, message: 'The body is not valid JSON' },
  invalid_body: { status: 400, message: 'The body must be a JSON object' },
  invalid_field: { status: 400, message: 'A field has an invalid value' },
  ambiguous_header: { status: 400, message: 'A header is given twice with different values' },
  forbidden: { status: 403, message: 'Forbidden' },
  session_not_found: { status: 404, message: 'Session not found' },
  method_not_allowed: { status: 405, message: 'Method not allowed' },
  body_too_large: { status: 413, message: 'The body must have at most 16384 bytes' },
  unsupported_media_type: { status: 415, message: 'The body must be JSON in UTF-8' },
  store_unavailable: { status: 503, message: 'Session store unavailable' },
} as const;

/** The `code` of an error answer. The package's docs/errors.md says of each when it comes and what to do. */
export type SessionErrorCode = keyof typeof ERRORS;

/** An error that the API answers as it is: `{"error":{"code","message"}}` with the status of its code. */
export class SessionHttpError extends Error {
  override name = 'SessionHttpError';
  readonly status: number;

  constructor(
    readonly code: SessionErrorCode,
    message: string = ERRORS[code].message,
    readonly headers: Readonly<Record<string, string>> = {},
  ) {
    super(message);
    this.status = ERRORS[code].status;
  }
}

/** The error of an ID that names no live session; also publishes that it was asked for. */
export function sessionNotFound(sessionId: string): SessionHttpError {
  publishSession('notFound', sessionId);
  return new SessionHttpError('session_not_found');
}

/**
 * Answers an error of the API, and hands any other to `next`: it is a fault of the host's own code, for the host's own error
 * handler, as is what the response itself throws when something of the host's stands before it.
 */
export function answerError(res: ServerResponse, error: unknown, next: (error: unknown) => void): void {
  let unanswered = error;
  try {
    // Else the host has answered meanwhile, by a time-out of its own.
    if (res.headersSent || answerOurs(res, error)) return;
  } catch (thrown) {
    unanswered = thrown;
  }
  next(asError(unanswered));
}

function answerOurs(res: ServerResponse, error: unknown): boolean {
  if (isStoreUnavailable(error)) return answerOurs(res, storeUnavailable());
  if (!isA(SessionHttpError, error)) return false;
  for (const [name, value] of Object.entries(error.headers)) res.setHeader(name, value);
  answerJson(res, error.status, { error: { code: error.code, message: error.message } });
  return true;
}

/** A second is what it takes a probe to go through again. */
function storeUnavailable(): SessionHttpError {
  return new SessionHttpError('store_unavailable', undefined, { 'Retry-After': '1' });
}

/** Ends the response with a JSON body, or with none, that no cache keeps and no browser takes for something else. */
export function answerJson(res: ServerResponse, status: number, body?: object): void {
  res.statusCode = status;
  res.setHeader('Content-Type', 'application/json; charset=utf-8');
  res.setHeader('Cache-Control', 'no-store');
  res.setHeader('X-Content-Type-Options', 'nosniff');
  const json = body && JSON.stringify(body);
  // Also in answer to HEAD, for which Node would leave it out.
  if (json !== undefined) res.setHeader('Content-Length', Buffer.byteLength(json));
  res.end(json);
}
