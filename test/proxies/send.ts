import { readFileSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import { TLS } from './proxy.js';

export interface Answer {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly cookies: readonly string[];
  readonly body: string;
}

/**
 * Sends one request on a connection of its own. `line` is a method and a path, which is sent as it is. Without a body nothing
 * says how long it is; with an empty one the length 0 does. The Host header goes last, unless `headers` has it.
 */
export function send(
  origin: string,
  line: string,
  headers: http.OutgoingHttpHeaders = {},
  body?: string | Buffer,
): Promise<Answer> {
  const [method, path] = line.split(' ') as [string, string];
  const { hostname, port, protocol } = new URL(origin);
  const options = { method, path, hostname, port, headers, agent: false as const, timeout: 20_000 };
  return new Promise((resolve, reject) => {
    const request =
      protocol === 'https:'
        ? https.request({ ...options, ca: readFileSync(TLS.certificate), servername: 'localhost' })
        : http.request(options);
    request.on('response', (res) => collect(res).then(resolve, reject));
    request.on('timeout', () => request.destroy(new Error(`no answer to ${line}`)));
    request.on('error', reject);
    if (body === undefined) {
      request.removeHeader('Content-Length');
      request.removeHeader('Transfer-Encoding');
    }
    request.end(body);
  });
}

/** A value in the bytes of UTF-8, as Node's client wants them: one character a byte. */
export function utf8(value: string): string {
  return Buffer.from(value).toString('latin1');
}

async function collect(res: http.IncomingMessage): Promise<Answer> {
  const chunks: Buffer[] = [];
  for await (const chunk of res) chunks.push(chunk);
  const { 'set-cookie': cookies = [], ...headers } = res.headers;
  return {
    status: res.statusCode ?? 0,
    headers: headers as Record<string, string>,
    cookies,
    body: Buffer.concat(chunks).toString(),
  };
}
