import type { IncomingMessage, ServerResponse } from 'node:http';
import type { OptionRule } from '../../check-options.js';
import { type IgnoredEvent, publishIgnored } from '../../diagnostics.js';
import { warnOnce } from '../../once-per-process.js';
import { isPlaceholderId, isSessionId } from '../../session-id.js';
import type { SessionCookie } from '../cookie/session-cookie.js';
import type { HookRequest } from '../hook-request.js';
import { headerValues } from './header-values.js';
import { queryValues } from './request-target.js';

/**
 * Where a request may carry its session ID: the header gkc_sessionId or gkc-sessionId, the signed cookie, the query parameter
 * sessionId, or a function of yours, which returns `undefined` for none. It must return at once; what it throws goes to `next(error)`.
 */
export type SessionIdSource = 'header' | 'cookie' | 'query' | SessionIdFunction;

/** A function as a source: see {@link SessionIdSource}. */
export type SessionIdFunction = {
  // A method, so that the parameter may be declared as Express's Request.
  /** Returns the session ID that the request carries, or nothing. */
  find(req: HookRequest): string | null | undefined;
}['find'];

/** What a request carries as its session ID: nothing, two different ones, something that is no ID, or an ID. */
export type LocatedId =
  | { readonly kind: 'none' | 'ambiguous' | 'malformed' }
  | { readonly kind: 'located'; readonly sessionId: string };

/** Finds the session ID of a request. */
export type LocateId = (req: IncomingMessage, res: ServerResponse) => LocatedId;

/**
 * The first source with a value decides, even if it is malformed or ambiguous. An empty value, a placeholder and a cookie that does not
 * verify count as not sent. Two different values are ambiguous: an identity is never guessed.
 */
export function createLocateId(
  sources: readonly SessionIdSource[],
  cookie: SessionCookie | undefined,
): LocateId {
  const readers = sources.map((source) => readerOf(source, cookie));
  return function locateId(req, res) {
    for (const { name, read } of readers) {
      let value: string | undefined;
      for (const other of read(req, res)) {
        if (!isSent(other) || other === value) continue;
        if (value !== undefined) return ignored(name, 'ambiguous');
        value = other;
      }
      if (value === undefined) continue;
      return isSessionId(value) ? { kind: 'located', sessionId: value } : ignored(name, 'malformed');
    }
    return NONE;
  };
}

/** The rule of the option, for `checkOptions`. */
export const sourcesRule: OptionRule = {
  valid: (value) =>
    Array.isArray(value) &&
    value.length > 0 &&
    new Set(value).size === value.length &&
    [...value].every((source) => typeof source === 'function' || NAMES.includes(source)),
  fix: 'a list of "header", "cookie", "query" and functions, each at most once',
};

const NAMES: readonly unknown[] = ['header', 'cookie', 'query'];
const NONE: LocatedId = { kind: 'none' };

interface Reader {
  readonly name: IgnoredEvent['source'];
  /** What the source holds. More than one value only if the request carries several. */
  read(req: IncomingMessage, res: ServerResponse): readonly string[];
}

function readerOf(source: SessionIdSource, cookie: SessionCookie | undefined): Reader {
  if (typeof source === 'function') return { name: 'function', read: (req) => checkResult(source(req)) };
  if (source === 'header') return { name: source, read: (req) => headerValues(req, HEADERS) };
  if (source === 'query') return { name: source, read: (req) => queryValues(req, 'sessionId') };
  return { name: 'cookie', read: (req, res) => (cookie ? cookieIds(cookie, req, res) : []) };
}

const HEADERS = ['gkc_sessionid', 'gkc-sessionid'];

function isSent(value: string): boolean {
  return value !== '' && !isPlaceholderId(value);
}

function ignored(source: IgnoredEvent['source'], kind: 'ambiguous' | 'malformed'): LocatedId {
  publishIgnored(source, kind);
  return { kind };
}

/** Several cookies of our name are returned as they are: they differ, whatever they say. */
function cookieIds(cookie: SessionCookie, req: IncomingMessage, res: ServerResponse): readonly string[] {
  const pairs = cookie.pairs(req, res);
  const [pair] = pairs;
  if (pair === undefined) return pairs;
  if (pairs.length > 1) {
    warnAmbiguous(cookie.settings.name);
    return pairs;
  }
  const sessionId = cookie.verify(pair);
  if (sessionId !== undefined) return [sessionId];
  publishIgnored('cookie', 'bad_signature');
  return [];
}

function warnAmbiguous(name: string): void {
  warnOnce(
    'AMBIGUOUS_COOKIE',
    `A request carried two different cookies named ${name}, so it has no session. After a change of "domain", "path" or "partitioned" ` +
      'browsers send the old cookie too: change "name" as well',
  );
}

/** Throws a TypeError if a function returned neither a string nor nothing, such as a promise. */
function checkResult(found: unknown): readonly string[] {
  if (found === undefined || found === null) return [];
  if (typeof found === 'string') return [found];
  // One that rejects later must not end the process.
  Promise.resolve(found).catch(() => {});
  throw new TypeError('a function in option "sources" must return a string or undefined, not a promise');
}
