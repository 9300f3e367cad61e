import type { IncomingMessage, ServerResponse } from 'node:http';
import type { TLSSocket } from 'node:tls';
import { warnOnce } from '../../once-per-process.js';
import { ownMember } from '../../session-info.js';
import {
  checkCookieOptions,
  clearCookieHeader,
  findCookies,
  type SessionCookieOptions,
  type SessionCookieSettings,
  setCookieHeader,
} from './cookie-format.js';
import { canSetCookie, responseCookie, setResponseCookie } from './response-cookies.js';
import { verifyOnce } from './verified-cookie-cache.js';

/** The session cookie on requests and responses. */
export interface SessionCookie {
  readonly settings: SessionCookieSettings;
  /**
   * The different cookies `NAME=VALUE` of our name that the browser has: those of the request, or the one that was set in response to
   * it already, so that a second middleware sees the session that a first one created.
   */
  pairs(req: IncomingMessage, res: ServerResponse): readonly string[];
  /** The session ID of such a pair; `undefined` if it does not verify. */
  verify(pair: string): string | undefined;
  /** Whether the cookie may be set in response to this request: with `secure: true` only by HTTPS. */
  isAllowed(req: IncomingMessage): boolean;
  /** Sets the cookie, if it is allowed. Replaces one that was set on this response before. */
  write(req: IncomingMessage, res: ServerResponse, sessionId: string): void;
  /** Removes the cookie from the browser, if the response can still do that. */
  clear(req: IncomingMessage, res: ServerResponse): void;
}

/** Throws a TypeError for a wrong option. `factory` is the function that was given it. */
export function createSessionCookie(factory: string, options: SessionCookieOptions): SessionCookie {
  const settings = checkCookieOptions(factory, options);
  const { name } = settings;
  const isAllowed = (req: IncomingMessage) => settings.secure !== true || isSecure(req);
  const pairsOf = rememberLast((header: string | undefined) => findCookies(header, name));
  return {
    settings,
    pairs(req, res) {
      const set = responseCookie(res, name);
      return pairsOf(set === undefined ? ownMember(req.headers, 'cookie') : set.split(';', 1)[0]);
    },
    verify: rememberLast((pair: string) => verifyOnce(pair, settings)),
    isAllowed,
    write(req, res, sessionId) {
      if (!isAllowed(req)) return warnSuppressed();
      const moment = { isSecure: isSecure(req), now: Date.now() };
      setResponseCookie(res, name, setCookieHeader(settings, sessionId, moment));
    },
    clear(req, res) {
      if (!isAllowed(req) || !canSetCookie(res)) return;
      setResponseCookie(res, name, clearCookieHeader(settings, { isSecure: isSecure(req) }));
    },
  };
}

/** The same function, computed once for calls in a row with one argument, as for one request. */
function rememberLast<Argument, Result>(compute: (argument: Argument) => Result) {
  let last: { readonly argument: Argument; readonly result: Result } | undefined;
  return function computeOnce(argument: Argument): Result {
    if (last?.argument !== argument) last = undefined;
    last ??= { argument, result: compute(argument) };
    return last.result;
  };
}

/** As express-session decides it: a TLS socket, or what Express derives from "trust proxy" and X-Forwarded-Proto. */
export function isSecure(req: IncomingMessage & { readonly secure?: unknown }): boolean {
  return (req.socket as Partial<TLSSocket> | undefined)?.encrypted === true || req.secure === true;
}

/** Warns that a cookie with `secure: true` was not set. */
export function warnSuppressed(): void {
  warnOnce(
    'SECURE_COOKIE_SUPPRESSED',
    'The session cookie has "secure": true and was not set, because the request did not come over HTTPS. Behind a proxy that ' +
      'terminates TLS use app.set("trust proxy", 1), or without Express set req.secure; for plain HTTP in development use "secure": "auto"',
  );
}
