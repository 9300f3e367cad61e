import type { OutgoingHttpHeaders, ServerResponse } from 'node:http';

/** Whether a response can still carry a cookie. For an `upgrade` request it may be `{}`. */
export function canSetCookie(res: ServerResponse): boolean {
  return typeof res.setHeader === 'function' && !res.headersSent && !isClosed(res);
}

/** Whether the client has closed the connection, or the stream of HTTP/2, which is the socket there. */
export function isClosed(res: ServerResponse): boolean {
  // Not res.destroyed, which is false while an earlier response of the connection is not sent. The response of a test library may lack a socket.
  return res.req?.socket?.destroyed === true;
}

/**
 * Sets a cookie on a response, instead of one that was set by this function under the same name. Exactly this one is sent, whatever
 * the app does to Set-Cookie until then. A response without Cache-Control gets `private`, so that no shared cache stores the cookie.
 */
export function setResponseCookie(res: ResponseWithCookies, name: string, header: string): void {
  if (res[COOKIES] === undefined) {
    res[COOKIES] = new Map();
    interceptHeaders(res, res[COOKIES]);
    interceptHead(res);
  }
  res[COOKIES].set(name, header);
  res.setHeader('Set-Cookie', res.getHeader('Set-Cookie') ?? []);
}

/** The Set-Cookie header that was set by {@link setResponseCookie} under a name. */
export function responseCookie(res: ResponseWithCookies, name: string): string | undefined {
  return res[COOKIES]?.get(name);
}

type ResponseWithCookies = ServerResponse & { [COOKIES]?: Map<string, string> };

/** From the global registry: the ESM and the CommonJS build may both set cookies on one response. */
const COOKIES: unique symbol = Symbol.for('express-session-info.response-cookies.1') as never;

/** Puts our cookies back after each change of Set-Cookie: listeners of on-headers may change it when the head is about to be sent. */
function interceptHeaders(res: ServerResponse, ours: ReadonlyMap<string, string>): void {
  const { setHeader } = res;
  for (const method of ['setHeader', 'appendHeader', 'removeHeader'] as const) {
    const original: ((...args: never[]) => unknown) | undefined = res[method];
    // The response of a test library may lack some.
    if (!original) continue;
    const intercepted = (name: unknown, ...values: unknown[]) => {
      const result = original.apply(res, [name, ...values] as never[]);
      if (String(name).toLowerCase() === 'set-cookie')
        setHeader.call(res, 'Set-Cookie', withOurs(res.getHeader('Set-Cookie'), ours));
      return result;
    };
    Object.assign(res, { [method]: intercepted });
  }
}

/**
 * Node sends every head by `writeHead`, on HTTP/2 too. The headers that an app passes to it are set first, as Node does on HTTP/1: a list of
 * pairs would otherwise replace ours.
 */
function interceptHead(res: ServerResponse): void {
  const { writeHead } = res;
  function writeHeadWithCookies(status: number, ...rest: (string | WrittenHeaders | undefined)[]) {
    if (res.headersSent) return writeHead.apply(res, [status, ...rest] as never);
    for (const [name, value] of headerEntries(rest.find(isHeaders))) res.setHeader(name, value);
    // Not hasHeader, which the response of an upgrade by engine.io lacks.
    if (res.getHeader('Cache-Control') === undefined) res.setHeader('Cache-Control', 'private');
    const message = rest.filter((argument) => typeof argument === 'string');
    return writeHead.apply(res, [status, ...message] as never);
  }
  res.writeHead = writeHeadWithCookies as typeof writeHead;
}

/** An object, or a list of names and values in turn, or of pairs. */
type WrittenHeaders = OutgoingHttpHeaders | readonly unknown[];

function isHeaders(argument: string | WrittenHeaders | undefined): argument is WrittenHeaders {
  return typeof argument === 'object' && argument !== null;
}

/** Each name once, with all of its values. */
function headerEntries(headers: WrittenHeaders = {}): Iterable<[string, never]> {
  if (!Array.isArray(headers)) return Object.entries(headers) as [string, never][];
  const flat = headers.length > 0 && !Array.isArray(headers[0]) ? headers : headers.flat(1);
  const values = new Map<string, unknown[]>();
  for (let i = 0; i + 1 < flat.length; i += 2) {
    const name = String(flat[i]).toLowerCase();
    values.set(name, [...(values.get(name) ?? []), flat[i + 1]].flat());
  }
  return [...values].map(([name, all]) => [name, (all.length === 1 ? all[0] : all) as never]);
}

/** RFC 6265, section 4.1.1: a response should not set one cookie twice. */
function withOurs(
  others: number | string | readonly string[] | undefined,
  ours: ReadonlyMap<string, string>,
): string[] {
  const isOurs = (cookie: string) => ours.has((cookie.split('=', 1)[0] as string).trim());
  return [
    ...[others ?? []]
      .flat()
      .map(String)
      .filter((cookie) => !isOurs(cookie)),
    ...ours.values(),
  ];
}
