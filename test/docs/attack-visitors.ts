import { connect } from 'node:net';
import { expect } from 'vitest';

/** An app for visitors, as an attacker sees it who is a visitor too. */
export interface VisitorApp {
  readonly url: string;
  /** A route that shows the request's customer. */
  readonly who: string;
  /** Logs in with this app's own means, and returns the cookies. */
  logIn(): Promise<string>;
  /** The name of the session's cookie. Default `'connect.sid'`. */
  readonly cookieName?: string;
  /** The paths to send bad input to. Default: those of the README's samples. */
  readonly paths?: readonly string[];
}

/**
 * Tries what a visitor must not be able to do: to set a customerId, to attach the session of somebody else, and to end the process by a long
 * value, a broken body or a dropped connection.
 */
export async function attackVisitors(app: VisitorApp): Promise<void> {
  const { url, who, logIn, cookieName = 'connect.sid', paths = ['/', '/login', '/orders', '/logout'] } = app;
  const show = async (headers: Record<string, string>, query = '') =>
    (await fetch(url + who + query, { headers })).text();
  const nobody = await show({});
  const cookie = await logIn();
  const sessionId = idOf(cookie, cookieName);
  expect(await show({ cookie })).not.toBe(nobody);

  await expectRoutesClosed(url, cookie, sessionId);
  expect(await show({ cookie, gkc_customerId: 'mallory' })).not.toContain('mallory');

  const stolen: [Record<string, string>, string?][] = [
    [{ gkc_sessionId: sessionId, 'gkc-sessionId': sessionId }],
    [{}, `?sessionId=${sessionId}`],
    [{ cookie: `${cookieName}=${sessionId}` }],
    [{ cookie: `${cookieName}=s%3A${sessionId}.${'A'.repeat(43)}` }],
  ];
  for (const [headers, query] of stolen) expect(await show(headers, query)).toBe(nobody);

  for (const path of paths) await sendBadInput(url, path, await logIn());
  expect(await show({ cookie: await logIn() })).not.toBe(nobody);
}

function idOf(cookie: string, name: string): string {
  const value = cookie.split('; ').find((pair) => pair.startsWith(`${name}=`)) ?? '';
  const [, sessionId = ''] = /=s:([\w-]+)\./.exec(decodeURIComponent(value)) ?? [];
  expect(sessionId.length).toBeGreaterThan(20);
  return sessionId;
}

async function expectRoutesClosed(url: string, cookie: string, sessionId: string): Promise<void> {
  for (const method of ['PUT', 'POST', 'GET', 'DELETE']) {
    for (const path of ['/sessions/new', `/sessions/${sessionId}`, `/api/sessions/${sessionId}`]) {
      const headers = {
        cookie,
        gkc_customerId: 'mallory',
        'gkc-agentId': 'mallory',
        // What opens the routes of an app whose key is not set.
        authorization: 'Bearer undefined',
        'Content-Type': 'application/json',
      };
      const response = await fetch(url + path, { method, headers });
      expect([401, 403, 404, 405], `${method} ${path}`).toContain(response.status);
    }
  }
}

/** Long values and broken bodies, which are the caller's fault and no 500, and a connection that is dropped half-way. */
async function sendBadInput(url: string, path: string, cookie: string): Promise<void> {
  const name = 'x'.repeat(5000);
  const long = JSON.stringify({ name, username: name, visitId: name, password: 'right', old: name });
  for (const body of [long, '{', '[]', 'null', undefined]) {
    const headers = { cookie, ...(body === undefined ? {} : { 'Content-Type': 'application/json' }) };
    const response = await fetch(url + path, { method: 'POST', headers, body: body ?? null });
    expect(response.status, `POST ${path} ${body?.slice(0, 20)}`).toBeLessThan(500);
    await response.body?.cancel();
  }
  await dropConnection(url, path, cookie);
}

function dropConnection(url: string, path: string, cookie: string): Promise<void> {
  return new Promise((resolve) => {
    const socket = connect(Number(new URL(url).port), '127.0.0.1', () => {
      const headers = `Host: a\r\nCookie: ${cookie}\r\nContent-Type: application/json\r\nContent-Length: 99`;
      socket.write(`POST ${path} HTTP/1.1\r\n${headers}\r\n\r\n{`, () => socket.destroy());
    });
    socket.on('error', () => {});
    socket.on('close', () => resolve());
  });
}
