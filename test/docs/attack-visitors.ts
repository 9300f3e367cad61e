import { connect } from 'node:net';
import { expect } from 'vitest';

/** An app for visitors, as an attacker sees it who is a visitor too. */
export interface VisitorApp {
  readonly url: string;
  /** A route that shows the request's customer. */
  readonly who: string;
  /** Logs in with this app's own means, and returns the cookie. */
  logIn(): Promise<string>;
}

/**
 * Tries what a visitor must not be able to do: to set a customerId, to attach the session of somebody else, and to end the process by a long
 * value, a broken body or a dropped connection.
 */
export async function attackVisitors({ url, who, logIn }: VisitorApp): Promise<void> {
  const show = async (headers: Record<string, string>, query = '') =>
    (await fetch(url + who + query, { headers })).text();
  const nobody = await show({});
  const cookie = await logIn();
  const sessionId = decodeURIComponent(cookie.split('=')[1] ?? '')
    .slice(2)
    .split('.')[0] as string;
  expect(sessionId.length).toBeGreaterThan(20);
  expect(await show({ cookie })).not.toBe(nobody);

  for (const method of ['PUT', 'POST', 'GET', 'DELETE']) {
    for (const path of ['/sessions/new', `/sessions/${sessionId}`, `/api/sessions/${sessionId}`]) {
      const headers = {
        cookie,
        gkc_customerId: 'mallory',
        'gkc-agentId': 'mallory',
        'Content-Type': 'application/json',
      };
      const response = await fetch(url + path, { method, headers });
      expect([401, 403, 404, 405], `${method} ${path}`).toContain(response.status);
    }
  }
  expect(await show({ cookie, gkc_customerId: 'mallory' })).not.toContain('mallory');

  const name = cookie.split('=')[0];
  const stolen: [Record<string, string>, string?][] = [
    [{ gkc_sessionId: sessionId, 'gkc-sessionId': sessionId }],
    [{}, `?sessionId=${sessionId}`],
    [{ cookie: `${name}=${sessionId}` }],
    [{ cookie: `${name}=s%3A${sessionId}.${'A'.repeat(43)}` }],
  ];
  for (const [headers, query] of stolen) expect(await show(headers, query)).toBe(nobody);

  await sendBadInput(url, cookie);
  expect(await show({ cookie })).not.toBe(nobody);
}

/** Long values and broken bodies to every path that the samples use, and connections that are dropped half-way. */
async function sendBadInput(url: string, cookie: string): Promise<void> {
  const paths = ['/', '/login', '/visit', '/visits', '/logout', '/password', '/orders'];
  const long = 'x'.repeat(5000);
  for (const path of paths) {
    for (const body of [
      JSON.stringify({ name: long, visitId: long, password: 'right' }),
      '{',
      '[]',
      'null',
    ]) {
      const headers = {
        cookie: path === '/login' || path === '/logout' ? '' : cookie,
        'Content-Type': 'application/json',
      };
      const response = await fetch(url + path, {
        method: path === '/logout' ? 'PUT' : 'POST',
        headers,
        body,
      });
      expect(response.status, `POST ${path} ${body.slice(0, 20)}`).toBeLessThan(501);
      if (path === '/login') break;
    }
    const { port } = new URL(url);
    await new Promise<void>((resolve) => {
      const socket = connect(Number(port), '127.0.0.1', () => {
        socket.write(
          `POST ${path} HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 99\r\n\r\n{`,
        );
        setImmediate(() => socket.destroy());
      });
      socket.on('close', () => resolve());
      socket.on('error', () => resolve());
    });
  }
}
