import { copyText } from '../../session-id.js';
import { type SessionCookieSettings, verifyCookie } from './cookie-format.js';

/**
 * `verifyCookie`, remembering what verified, so that of a visitor's requests only the first pays for the HMAC. Only valid cookies are
 * kept, by their whole text: forged ones neither fill the memory nor find a place in it. One memory serves all middlewares of the
 * process; a cookie counts for another one only if that has the secret too.
 */
export function verifyOnce(pair: string, settings: SessionCookieSettings): string | undefined {
  const known = verified.get(pair);
  if (known !== undefined && settings.secrets.includes(known.secret)) return known.sessionId;
  const found = verifyCookie(pair, settings);
  if (found === undefined) return undefined;
  // All at once, which costs one HMAC a visitor; to keep the order of use would cost every request.
  if (verified.size === MAX_VERIFIED) verified.clear();
  verified.set(copyText(pair), { sessionId: copyText(found.sessionId), secret: found.secret });
  return found.sessionId;
}

const MAX_VERIFIED = 10_000;
const verified = new Map<string, { readonly sessionId: string; readonly secret: string }>();
