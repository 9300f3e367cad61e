import { parseCookie, stringifySetCookie } from 'cookie';
import { sign, unsign } from 'cookie-signature';
import { checkOptions, isBoolean, isInteger, isOneOf, type OptionRule } from '../../check-options.js';
import { isSessionId } from '../../session-id.js';

/** The options of the cookie: names, meanings and defaults are those of express-session, except for `secure`. */
export interface SessionCookieOptions {
  /** Signs the cookie. Of several, the first signs and all verify, so that you can rotate a secret. Use it for nothing else but express-session. */
  readonly secret: string | readonly string[];
  /** The name of the cookie. Default `'connect.sid'`. */
  readonly name?: string | undefined;
  /** The path below which browsers send the cookie. Default `'/'`. To change it later, change `name` too. */
  readonly path?: string | undefined;
  /** The domain to whose hosts browsers send the cookie. Default: the host of the request only. To change it later, change `name` too. */
  readonly domain?: string | undefined;
  /** Whether the cookie is hidden from the scripts of a page. Default true. */
  readonly httpOnly?: boolean | undefined;
  /**
   * `'auto'` (the default) marks the cookie Secure if the request came by HTTPS: on a TLS socket, or with `req.secure`, which
   * Express sets by its "trust proxy" setting. With `true`, no cookie is set on any other request.
   */
  readonly secure?: boolean | 'auto' | undefined;
  /**
   * Whether requests from other sites carry the cookie; `true` means `'strict'`, `'auto'` means `'none'` by HTTPS and otherwise `'lax'`.
   * Default: no attribute, as with express-session. Set `'lax'`: without it Firefox and Safari send the cookie with forms of other sites, and
   * Chromium does for two minutes after it was set (Chrome Platform Status, "Cookies default to SameSite=Lax").
   */
  readonly sameSite?: boolean | 'lax' | 'strict' | 'none' | 'auto' | undefined;
  /** How long the browser keeps the cookie, in ms; its expiry is not refreshed. Default: until the browser closes. */
  readonly maxAge?: number | undefined;
  /** Whether the browser keeps a separate cookie for each site that embeds your app (CHIPS). Default false. */
  readonly partitioned?: boolean | undefined;
  /** Which cookies Chromium keeps if a host has too many. Default: no attribute. */
  readonly priority?: 'low' | 'medium' | 'high' | undefined;
}

/** The options with their defaults. */
export interface SessionCookieSettings extends SessionCookieOptions {
  readonly name: string;
  readonly secrets: readonly string[];
  readonly path: string;
  readonly httpOnly: boolean;
  readonly secure: boolean | 'auto';
}

/** The options with their defaults. Throws a TypeError for a wrong option, or a combination that browsers reject. */
export function checkCookieOptions(factory: string, unchecked: SessionCookieOptions): SessionCookieSettings {
  const where = `${factory}: cookie`;
  const options = checkOptions(where, unchecked, rules);
  if (options.secret === undefined)
    throw new TypeError(`${where}: option "secret" must be ${rules.secret.fix}`);
  const { name = 'connect.sid', path = '/', httpOnly = true, secure = 'auto' } = options;
  const secrets = typeof options.secret === 'string' ? [options.secret] : [...options.secret];
  const settings = Object.assign(options, { name, path, httpOnly, secure, secrets });
  checkCombination(where, settings);
  try {
    setCookieHeader(settings, 'x', { isSecure: true, now: 0 });
  } catch (error) {
    throw new TypeError(
      `${where}: ${(error as Error).message}; use a value that RFC 6265, section 4.1.1 allows`,
    );
  }
  return settings;
}

/**
 * The pairs `NAME=VALUE` of a Cookie header under our name: none, one, or two that differ, however many there are. A browser sends several
 * if another site of the domain planted one, or after `domain` or `path` changed. Those without a value count as not sent.
 */
export function findCookies(header: string | undefined, name: string): readonly string[] {
  if (header === undefined) return NONE;
  const start = `${name}=`;
  let first: string | undefined;
  for (let at = header.indexOf(start); at !== -1; at = header.indexOf(start, at + start.length)) {
    if (!isFirstOfPair(header, at)) continue;
    const pair = header.slice(at, endOfPair(header, at));
    if (pair === start || pair === first) continue;
    if (first !== undefined) return [first, pair];
    first = pair;
  }
  return first === undefined ? NONE : [first];
}

/**
 * The session ID of a pair `NAME=VALUE` and the secret that signed it, in the format of express-session (`s:ID.signature`,
 * percent-encoded). `undefined` for one that is unsigned, forged or malformed.
 */
export function verifyCookie(
  pair: string,
  { name, secrets }: SessionCookieSettings,
): { readonly sessionId: string; readonly secret: string } | undefined {
  // Each character of the value percent-encoded: nothing longer can be valid.
  if (pair.length > name.length + 1 + 3 * MAX_VALUE_LENGTH) return undefined;
  const value = parseCookie(pair)[name] ?? '';
  if (!value.startsWith('s:') || value.length > MAX_VALUE_LENGTH) return undefined;
  for (const secret of secrets) {
    const sessionId = unsign(value.slice(2), secret);
    if (isSessionId(sessionId)) return { sessionId, secret };
  }
  return undefined;
}

/** The Set-Cookie header for a session, byte for byte as express-session writes it. `now` in ms since the epoch. */
export function setCookieHeader(
  settings: SessionCookieSettings,
  sessionId: string,
  { isSecure, now }: { isSecure: boolean; now: number },
): string {
  const value = `s:${sign(sessionId, settings.secrets[0] as string)}`;
  const expires = settings.maxAge === undefined ? undefined : new Date(now + settings.maxAge);
  return setCookie(settings, { value, expires, isSecure });
}

/** The Set-Cookie header that removes the cookie from the browser. */
export function clearCookieHeader(
  settings: SessionCookieSettings,
  { isSecure }: { isSecure: boolean },
): string {
  return setCookie(settings, { value: '', expires: new Date(0), isSecure });
}

const NONE: readonly string[] = [];

/** Whether only blanks stand between this place and the beginning of the header or the semicolon before it. */
function isFirstOfPair(header: string, at: number): boolean {
  let before = at - 1;
  while (isBlank(header.charCodeAt(before))) before--;
  return before < 0 || header[before] === ';';
}

function endOfPair(header: string, at: number): number {
  const semicolon = header.indexOf(';', at);
  let end = semicolon === -1 ? header.length : semicolon;
  while (isBlank(header.charCodeAt(end - 1))) end--;
  return end;
}

/**
 * White space that browsers remove around a cookie (RFC 6265bis, section 5.6). `trim` removes more, which could turn another name into a
 * `__Host-` name.
 */
function isBlank(unit: number): boolean {
  return unit === 0x20 || unit === 0x09;
}

/** "s:", the longest ID, a dot, and a SHA-256 signature in base64 without padding. */
const MAX_VALUE_LENGTH = 2 + 128 + 1 + 43;

const isText: OptionRule = {
  valid: (value) => typeof value === 'string' && value !== '',
  fix: 'a non-empty string',
};

const rules = {
  secret: {
    valid: (value: unknown) =>
      isText.valid(value) || (Array.isArray(value) && value.length > 0 && [...value].every(isText.valid)),
    fix: 'a non-empty string, or an array of them',
  },
  name: isText,
  path: {
    valid: (value: unknown) => typeof value === 'string' && value.startsWith('/'),
    fix: 'a path that begins with /',
  },
  domain: isText,
  httpOnly: isBoolean,
  secure: isOneOf(true, false, 'auto'),
  sameSite: isOneOf(true, false, 'lax', 'strict', 'none', 'auto'),
  // A Date ends at 8.64e15 ms (ECMA-262, "Time Values and Time Range").
  maxAge: isInteger('milliseconds', 1, 4e15),
  partitioned: isBoolean,
  priority: isOneOf('low', 'medium', 'high'),
};

/** RFC 6265bis, section 4.1.3 (the prefixes) and 5.7 (SameSite=None); the CHIPS draft, section 2.1 (Partitioned). */
function checkCombination(
  where: string,
  { name, path, domain, httpOnly, secure, sameSite, partitioned }: SessionCookieSettings,
) {
  const needsSecure = [
    /^__(Host|Secure|Http)-/i.test(name) && `the name prefix of "${name}"`,
    sameSite === 'none' && 'option "sameSite": "none"',
    partitioned && 'option "partitioned"',
  ].find((reason) => typeof reason === 'string');
  if (sameSite === 'auto' && secure === false) {
    throw new TypeError(`${where}: option "sameSite": "auto" needs option "secure": "auto" or true`);
  }
  if (/^__(Host-)?Http-/i.test(name) && !httpOnly) {
    throw new TypeError(`${where}: the name prefix of "${name}" needs option "httpOnly": true`);
  }
  if (needsSecure && secure !== true)
    throw new TypeError(`${where}: ${needsSecure} needs option "secure": true`);
  if (!/^__Host-/i.test(name)) return;
  if (path !== '/')
    throw new TypeError(`${where}: a name with the prefix __Host- needs option "path" to be "/"`);
  if (domain !== undefined) {
    throw new TypeError(
      `${where}: a name with the prefix __Host- must have no option "domain"; leave it out`,
    );
  }
}

function setCookie(
  { name, domain, path, httpOnly, secure, partitioned, priority, sameSite }: SessionCookieSettings,
  { value, expires, isSecure }: { value: string; expires: Date | undefined; isSecure: boolean },
): string {
  // Without a prototype: the cookie package would read attributes that somebody wrote into Object.prototype.
  const cookie = Object.assign(Object.create(null), {
    name,
    value,
    expires,
    path,
    domain,
    httpOnly,
    secure: secure === 'auto' ? isSecure : secure,
    partitioned,
    priority,
    sameSite: sameSite === 'auto' ? autoSameSite(isSecure) : sameSite,
  });
  return stringifySetCookie(cookie);
}

function autoSameSite(isSecure: boolean) {
  return isSecure ? 'none' : 'lax';
}
