import type { IncomingMessage } from 'node:http';
import type { Request } from 'express';
import type { OptionRule } from '../../check-options.js';
import { AMBIGUOUS, type SessionCookie } from '../cookie/session-cookie.js';
import { headerValues } from './header-values.js';

/**
 * A place where a request may name its session: the header gkc_sessionId or gkc-sessionId, the signed cookie, the query parameter
 * sessionId.
 */
export type SessionIdSource = 'header' | 'cookie' | 'query';

/**
 * The sources in order, each at most once, or a function that finds the ID in a request and gives `undefined` for none. It must
 * answer at once; what it throws goes to `next(error)`.
 */
export type SessionIdSources = readonly SessionIdSource[] | ((req: Request) => string | undefined);

/** Finds what a request gives as its session ID: not yet checked, `undefined` when it gives none. */
export type FindSessionId = (req: IncomingMessage) => string | undefined;

/**
 * The first source that gives something decides; the ones after it are not asked. A cookie that does not verify gives
 * nothing. A header, a cookie or a query parameter that is given twice with different values gives something that is no ID,
 * because an identity is never guessed.
 */
export function createFindSessionId(
  sources: SessionIdSources = DEFAULT_SOURCES,
  cookie: SessionCookie | undefined,
): FindSessionId {
  if (typeof sources === 'function') return (req) => checkFound(sources(req as Request));
  const finders = sources.map((source) => FINDERS[source]);
  return function findSessionId(req) {
    for (const find of finders) {
      const found = find(req, cookie);
      if (found !== undefined) return found;
    }
    return undefined;
  };
}

/** Throws a TypeError for what a function gave that is neither text nor nothing, such as a promise. */
function checkFound(found: unknown): string | undefined {
  if (found === undefined || found === null || found === '') return undefined;
  if (typeof found === 'string') return found;
  // One that rejects later must not end the process.
  Promise.resolve(found).catch(() => {});
  throw new TypeError('option "sources" must give a string or undefined, and no promise');
}

const DEFAULT_SOURCES: readonly SessionIdSource[] = ['header', 'cookie', 'query'];

type Finder = (req: IncomingMessage, cookie: SessionCookie | undefined) => string | undefined;

const FINDERS: Record<SessionIdSource, Finder> = {
  header: (req) => onlyOne(headerValues(req, ['gkc_sessionid', 'gkc-sessionid'])),
  cookie: (req, cookie) => cookie?.read(req),
  query: (req) => onlyOne(queryValues(req.url ?? '')),
};

/** The rule of the option, for `checkOptions`. */
export const sourcesRule: OptionRule = {
  valid: (value) =>
    typeof value === 'function' ||
    (Array.isArray(value) &&
      value.length > 0 &&
      new Set(value).size === value.length &&
      value.every((source) => Object.hasOwn(FINDERS, source))),
  fix: 'a function, or an array of "header", "cookie", "query", each at most once',
};

function onlyOne(values: string[]): string | undefined {
  return values.length > 1 ? AMBIGUOUS : values[0];
}

/** As Express reads it: a fragment is none of it, and only its first question mark begins it. */
function queryValues(url: string): string[] {
  const [target = ''] = url.split('#', 1);
  const start = target.indexOf('?');
  if (start === -1) return [];
  // URLSearchParams would take a question mark at the beginning away.
  const values = new URLSearchParams(`&${target.slice(start + 1)}`).getAll('sessionId');
  return [...new Set(values)].filter((value) => value !== '');
}
