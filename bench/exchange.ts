import type { Connection } from './connection.ts';

/** A response, taken apart. */
export interface Response {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Record<string, unknown>;
  /** Of the whole response, in bytes. */
  readonly length: number;
}

/** Sends one request and reads its response to the end. For opening sessions and checking responses, not for measuring. */
export function exchange(connection: Connection, request: Buffer): Promise<Response> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`no response to ${request}`)), LIMIT);
    let text = '';
    connection.onData = (part) => {
      text += part;
      const response = parse(text);
      if (!response) return;
      clearTimeout(timer);
      resolve(response);
    };
    connection.send(request);
  });
}

const LIMIT = 10_000;

function parse(text: string): Response | undefined {
  const end = text.indexOf('\r\n\r\n');
  if (end < 0) return undefined;
  const [statusLine = '', ...lines] = text.slice(0, end).split('\r\n');
  const headers = new Headers(lines.map((line) => line.split(/: (.*)/s, 2) as [string, string]));
  const body = text.slice(end + 4);
  if (body.length < Number(headers.get('content-length'))) return undefined;
  return {
    status: Number(statusLine.split(' ')[1]),
    headers,
    body: JSON.parse(body) as Record<string, unknown>,
    length: text.length,
  };
}
