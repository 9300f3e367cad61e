import type { IncomingMessage, ServerResponse } from 'node:http';
import type { TLSSocket } from 'node:tls';
import { LRUCache } from 'lru-cache';
import { flatten } from '../../store-calls/flatten.js';
import { warnOnce } from '../../warn-once.js';
import {
  checkCookieOptions,
  clearCookieHeader,
  findCookies,
  type SessionCookieOptions,
  type SessionCookieSettings,
  setCookieHeader,
  verifyCookie,
} from './cookie-format.js';

/** The session cookie on requests and responses. */
export interface SessionCookie {
  /**
   * The session ID that the browser's cookie names, verified: the request's cookie, or the one that was set in answer to this
   * request already, so that a second middleware sees the session that a first one made. `undefined` for a cookie that does not
   * verify; of several that differ {@link AMBIGUOUS}, which is no ID, because an identity is never guessed.
   */
  read(req: IncomingMessage): string | undefined;
  /**
   * Whether a cookie set in answer to this request would name a new session of the visitor's from then on. Not over plain HTTP
   * with `secure: true`, not beside a cookie that another site planted, and not for a request to which the browser does not add
   * the cookie that it may have, by its path or since another site's page makes the request: it would lose that.
   */
  canIntroduce(req: IncomingMessage): boolean;
  /** Sets the cookie, unless it may not be set. Replaces one that was set on this response before. */
  write(req: IncomingMessage, res: ServerResponse, sessionId: string): void;
  /** Makes the browser forget the cookie. */
  clear(req: IncomingMessage, res: ServerResponse): void;
}

/** Throws a TypeError for a wrong option. `factory` is the function that was given it. */
export function createSessionCookie(factory: string, options: SessionCookieOptions): SessionCookie {
  const settings = checkCookieOptions(factory, options);
  const verify = createVerifier(settings);
  const isAllowed = (req: IncomingMessage) => settings.secure !== true || isSecure(req);
  return {
    read(req) {
      const [pair, ...others] = cookiesOf(req, settings.name);
      if (others.length > 0) return AMBIGUOUS;
      return pair === undefined ? undefined : verify(pair);
    },
    canIntroduce(req) {
      if (!isAllowed(req)) {
        warnSuppressed();
        return false;
      }
      const isAlone = cookiesOf(req, settings.name).length < 2;
      return isAlone && isBelow(settings.path, req) && !mayBeWithheld(req, settings);
    },
    write(req, res, sessionId) {
      if (!isAllowed(req)) return warnSuppressed();
      const moment = { isSecure: isSecure(req), now: Date.now() };
      const header = setCookieHeader(settings, sessionId, moment);
      replaceCookie(res, settings.name, header);
      remember(req, settings.name, header.split(';', 1));
    },
    clear(req, res) {
      if (!isAllowed(req)) return;
      replaceCookie(res, settings.name, clearCookieHeader(settings, { isSecure: isSecure(req) }));
      remember(req, settings.name, []);
    },
  };
}

/**
 * `verifyCookie` that remembers what verified, so that of a visitor's requests only the first pays for the HMAC. Only cookies
 * that are right are kept, by their whole text: nobody fills the memory, or finds a place in it, with forged ones.
 */
function createVerifier(settings: SessionCookieSettings): (pair: string) => string | undefined {
  const verified = new LRUCache<string, string>({ max: MAX_VERIFIED });
  return function verify(pair) {
    const known = verified.get(pair);
    if (known !== undefined) return known;
    const sessionId = verifyCookie(pair, settings);
    if (sessionId !== undefined) verified.set(flatten(pair), flatten(sessionId));
    return sessionId;
  };
}

const MAX_VERIFIED = 10_000;

/** What is given, and is no ID. */
export const AMBIGUOUS = '';

function warnSuppressed(): void {
  warnOnce(
    'SECURE_COOKIE_SUPPRESSED',
    'The session cookie has "secure": true and was not set, because the request did not come by HTTPS. Behind a proxy that ' +
      'ends TLS use app.set("trust proxy", 1), or without Express set req.secure; for plain HTTP in development use "secure": "auto"',
  );
}

/** By name, the pairs `NAME=VALUE` that a browser has after the answer to a request: one of a cookie set, none of one cleared. */
interface RequestWithAnswer extends IncomingMessage {
  [ANSWERED]?: Map<string, string[]>;
}

/** From the global registry, for the same reason as the context of a request. */
const ANSWERED: unique symbol = Symbol.for('express-session-info.answered-cookies') as never;

function remember(req: RequestWithAnswer, name: string, pairs: string[]): void {
  req[ANSWERED] ??= new Map();
  req[ANSWERED].set(name, pairs);
}

function cookiesOf(req: RequestWithAnswer, name: string): string[] {
  return req[ANSWERED]?.get(name) ?? findCookies(req.headers.cookie, name);
}

/** RFC 6265bis, section 5.1.4. Below a mount Express has the whole path in `originalUrl`. */
function isBelow(cookiePath: string, req: IncomingMessage & { originalUrl?: string }): boolean {
  const [path = ''] = (req.originalUrl ?? req.url ?? '').split('?', 1);
  if (cookiePath === '/' || path === cookiePath) return true;
  return path.startsWith(cookiePath.endsWith('/') ? cookiePath : `${cookiePath}/`);
}

/**
 * Whether another site's page made the request, so that the browser leaves a cookie out by its SameSite: a strict one always, a lax
 * one unless the method is safe (RFC 6265bis, section 5.6.7.1), and one without SameSite as a lax one. Browsers say so to HTTPS
 * and to localhost, by Sec-Fetch-Site (W3C Fetch Metadata).
 */
function mayBeWithheld(req: IncomingMessage, { sameSite }: SessionCookieSettings): boolean {
  if (req.headers['sec-fetch-site'] !== 'cross-site') return false;
  if (sameSite === 'strict' || sameSite === true) return true;
  const isSent = sameSite === 'none' || (sameSite === 'auto' && isSecure(req));
  return !isSent && req.method !== 'GET' && req.method !== 'HEAD';
}

/** As express-session decides it: a TLS socket, or what Express made of "trust proxy" and X-Forwarded-Proto. */
function isSecure(req: IncomingMessage & { secure?: unknown }): boolean {
  return (req.socket as Partial<TLSSocket>).encrypted === true || req.secure === true;
}

/** RFC 6265, section 4.1.1: a response should not set one cookie twice. */
function replaceCookie(res: ServerResponse, name: string, header: string): void {
  const others = [res.getHeader('Set-Cookie') ?? []]
    .flat()
    .filter((other) => !String(other).startsWith(`${name}=`));
  res.setHeader('Set-Cookie', [...others.map(String), header]);
}
