import type { IncomingMessage, ServerResponse } from 'node:http';
import { ownMember } from '../session-info.js';
import { canSetCookie } from './cookie/response-cookies.js';
import { isSecure, type SessionCookie, warnSuppressed } from './cookie/session-cookie.js';
import { requestPath } from './input/request-target.js';
import type { LocatedId } from './input/session-id-sources.js';

/**
 * Whether a request that identifies no live session may get a new one: only if the visitor's next request would carry the new cookie, and
 * no session that the visitor may have is lost for it.
 */
export function mayAutoCreate(
  req: IncomingMessage,
  res: ServerResponse,
  cookie: SessionCookie,
  located: LocatedId,
): boolean {
  if (req.method === 'OPTIONS' || !canSetCookie(res)) return false;
  if (!cookie.isAllowed(req)) {
    warnSuppressed();
    return false;
  }
  return (
    !hasOtherSession(req, res, cookie, located) &&
    isBelow(cookie.settings.path, req) &&
    !browserOmitsCookie(req, cookie)
  );
}

/** Whether the cookie arrives twice, or identifies a session although another source decided: one that may be live. */
function hasOtherSession(
  req: IncomingMessage,
  res: ServerResponse,
  cookie: SessionCookie,
  located: LocatedId,
): boolean {
  const [pair, ...others] = cookie.pairs(req, res);
  if (pair === undefined) return false;
  if (others.length > 0) return true;
  const sessionId = cookie.verify(pair);
  return sessionId !== undefined && !(located.kind === 'located' && located.sessionId === sessionId);
}

/** RFC 6265bis, section 5.1.4. */
function isBelow(cookiePath: string, req: IncomingMessage): boolean {
  const path = requestPath(req);
  if (cookiePath === '/' || path === cookiePath) return true;
  return path.startsWith(cookiePath.endsWith('/') ? cookiePath : `${cookiePath}/`);
}

/**
 * Whether another site's page made the request in such a way that the browser neither sends nor accepts a cookie with this SameSite:
 * `strict` always, `lax` and no SameSite except for a link or form with a safe method that opens a page (RFC 6265bis, section 5.6.7.1).
 * Browsers say so to HTTPS and to localhost, by Sec-Fetch-Site, -Mode and -Dest (W3C Fetch Metadata).
 */
function browserOmitsCookie(req: IncomingMessage, { settings: { sameSite } }: SessionCookie): boolean {
  const [site, mode, dest] = ['sec-fetch-site', 'sec-fetch-mode', 'sec-fetch-dest'].map((name) =>
    ownMember(req.headers, name),
  );
  if (site !== 'cross-site') return false;
  if (sameSite === 'none' || (sameSite === 'auto' && isSecure(req))) return false;
  if (sameSite === 'strict' || sameSite === true) return true;
  const isSafe = req.method === 'GET' || req.method === 'HEAD';
  const opensPage = (mode ?? 'navigate') === 'navigate' && (dest ?? 'document') === 'document';
  return !isSafe || !opensPage;
}
