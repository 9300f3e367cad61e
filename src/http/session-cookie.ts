import type { IncomingMessage, ServerResponse } from 'node:http';
import type { TLSSocket } from 'node:tls';
import { LRUCache } from 'lru-cache';
import { flatten } from '../flatten.js';
import { warnOnce } from '../warn-once.js';
import {
  checkCookieOptions,
  clearCookieHeader,
  findCookie,
  type SessionCookieOptions,
  type SessionCookieSettings,
  setCookieHeader,
  verifyCookie,
} from './signed-cookie.js';

/** The session cookie on requests and responses. */
export interface SessionCookie {
  /**
   * The session ID that the browser's cookie names, verified: the request's cookie, or the one that was set in answer to this
   * request already, so that a second middleware sees the session that a first one made.
   */
  read(req: IncomingMessage): string | undefined;
  /** Whether a cookie may be set in answer to this request: one with `secure: true` only by HTTPS. */
  canWrite(req: IncomingMessage): boolean;
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
      const answered = (req as RequestWithAnswer)[ANSWERED];
      if (answered?.has(settings.name)) return answered.get(settings.name);
      const pair = findCookie(req.headers.cookie, settings.name);
      return pair === undefined ? undefined : verify(pair);
    },
    canWrite(req) {
      if (isAllowed(req)) return true;
      warnSuppressed();
      return false;
    },
    write(req, res, sessionId) {
      if (!isAllowed(req)) return warnSuppressed();
      const moment = { isSecure: isSecure(req), now: Date.now() };
      replaceCookie(res, settings.name, setCookieHeader(settings, sessionId, moment));
      remember(req, settings.name, sessionId);
    },
    clear(req, res) {
      if (!isAllowed(req)) return;
      replaceCookie(res, settings.name, clearCookieHeader(settings, { isSecure: isSecure(req) }));
      remember(req, settings.name, undefined);
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

function warnSuppressed(): void {
  warnOnce(
    'SECURE_COOKIE_SUPPRESSED',
    'The session cookie has "secure": true and was not set, because the request did not come by HTTPS. Behind a proxy that ' +
      'ends TLS use app.set("trust proxy", 1), or without Express set req.secure; for plain HTTP in development use "secure": "auto"',
  );
}

/** By name, the session IDs of the cookies set in answer to a request; `undefined` for a cookie that was cleared. */
interface RequestWithAnswer extends IncomingMessage {
  [ANSWERED]?: Map<string, string | undefined>;
}

/** From the global registry, for the same reason as the context of a request. */
const ANSWERED: unique symbol = Symbol.for('express-session-info.answered-cookies') as never;

function remember(req: RequestWithAnswer, name: string, sessionId: string | undefined): void {
  req[ANSWERED] ??= new Map();
  req[ANSWERED].set(name, sessionId);
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
