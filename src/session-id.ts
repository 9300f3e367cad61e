import { createHash } from 'node:crypto';

/**
 * Whether a value is a well-formed session ID: 1 to 128 of `A-Z a-z 0-9 - . _ ~`, the unreserved characters of RFC 3986, section 2.3.
 * Not `.` and `..`, which URL parsers remove from a path (section 5.2.4), and not "new" in any letter case.
 */
export function isSessionId(value: unknown): value is string {
  return typeof value === 'string' && SESSION_ID.test(value);
}

/**
 * Whether an ID is a placeholder, made of `0` and `-` only: a client sends `00000000-0000-0000-0000-0000000000` before it has an
 * ID. It identifies no session.
 */
export function isPlaceholderId(sessionId: string): boolean {
  return PLACEHOLDER.test(sessionId);
}

/** The rule of {@link isSessionId} in words, for error messages. */
export const SESSION_ID_RULE = '1 to 128 of A-Z a-z 0-9 - . _ ~, and not ., .. or new';

/**
 * The first 12 hex digits of the SHA-256 of a session ID: enough to tell sessions apart in logs and traces, useless as an ID.
 * The package's own events use it. The same ID always gives the same mask, in every process.
 */
export function maskSessionId(sessionId: string): string {
  return createHash('sha256').update(sessionId).digest('hex').slice(0, 12);
}

/**
 * A copy of a Latin-1 string, such as an ID, that holds on to nothing else. V8 makes a part of a string a view of the whole: an ID
 * taken from a URL and kept for long would keep all of that URL in memory.
 */
export function copyText(text: string): string {
  return Buffer.from(text, 'latin1').toString('latin1');
}

const SESSION_ID = /^(?!\.{1,2}$|[nN][eE][wW]$)[A-Za-z0-9\-._~]{1,128}$/;
const PLACEHOLDER = /^[0-]{1,128}$/;
