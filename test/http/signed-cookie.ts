import { sign } from 'cookie-signature';

/** The secret of the cookies in these tests. */
export const secret = 'a secret';

/** The Cookie header of a browser that has the cookie of a session. */
export function signedCookie(sessionId: string, name = 'connect.sid', by = secret): string {
  return `${name}=${encodeURIComponent(`s:${sign(sessionId, by)}`)}`;
}

interface Response {
  readonly headers: unknown;
}

/** The Set-Cookie headers of a response. */
export function setCookies({ headers }: Response): string[] {
  return [(headers as { 'set-cookie'?: string | string[] })['set-cookie'] ?? []].flat();
}

/** The Cookie header with which a browser sends back the cookies of a response. */
export function cookieOf(response: Response): string {
  return setCookies(response)
    .map((cookie) => cookie.split(';')[0])
    .join('; ');
}
