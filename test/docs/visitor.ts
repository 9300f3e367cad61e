import type { SessionStore } from '../../src/index.js';
import { cookieOf, secret, signedCookie } from '../http/signed-cookie.js';

/** The secret of the samples in these tests. */
export { secret };

/** The cookie of a visitor whose customer a store knows, as after a login of another app. */
export async function cookieOfCustomer(
  store: SessionStore,
  customerId: string,
  name?: string,
): Promise<string> {
  const sessionId = crypto.randomUUID();
  await store.create(sessionId, { customerId });
  return signedCookie(sessionId, name);
}

/** Sends JSON. */
export async function post(url: string, body?: unknown, cookie = '') {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', cookie },
    body: body === undefined ? null : JSON.stringify(body),
  });
  const text = await response.text();
  const set = response.headers.getSetCookie();
  return {
    status: response.status,
    text,
    body: text.startsWith('{') || text.startsWith('[') ? JSON.parse(text) : undefined,
    setCookie: set,
    /** The Cookie header of the next request. */
    cookie: cookieOf({ headers: { 'set-cookie': set } }),
  };
}

/** The JSON at a URL, for a visitor with this cookie. */
export async function get(url: string, cookie = ''): Promise<{ status: number; body: unknown }> {
  const response = await fetch(url, { headers: { cookie }, redirect: 'manual' });
  const text = await response.text();
  return { status: response.status, body: /^[[{]/.test(text) ? JSON.parse(text) : text };
}
