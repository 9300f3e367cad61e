import { connect } from 'node:net';
import { validateResponse } from './validate-response.js';

export interface RawAnswer {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly body: string;
}

/**
 * Sends bytes as they are, for what no HTTP client would send, and reads the one answer to them. Rejects when it is one of
 * our routes' that the OpenAPI document does not describe.
 */
export async function rawRequest(port: number, bytes: string | Buffer): Promise<RawAnswer> {
  const [method = '', path = ''] = bytes.toString('latin1').split(' ');
  const answer = await rawExchange(port, bytes, method);
  validateResponse({ method, path, ...answer });
  return answer;
}

/** Without a look at what is answered, for what Node answers by itself. */
export function rawExchange(port: number, bytes: string | Buffer, method = ''): Promise<RawAnswer> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1');
    const chunks: Buffer[] = [];
    socket.setTimeout(10_000, () => socket.destroy(new Error('no answer within 10 s')));
    socket.on('error', reject);
    socket.on('data', (chunk) => {
      chunks.push(chunk);
      const answer = parseAnswer(Buffer.concat(chunks), method);
      if (!answer) return;
      socket.destroy();
      resolve(answer);
    });
    socket.on('end', () => reject(new Error(`the server closed after: ${Buffer.concat(chunks)}`)));
    socket.write(bytes);
  });
}

/** A request in the words of HTTP/1.1, one header a line; header values are sent as Latin-1 bytes. */
export function requestBytes(
  line: string,
  headers: readonly string[] = [],
  body: string | Buffer = '',
): Buffer {
  const head = [`${line} HTTP/1.1`, 'Host: localhost', ...headers, '', ''].join('\r\n');
  return Buffer.concat([Buffer.from(head, 'latin1'), Buffer.from(body)]);
}

/** `undefined` while the answer is not complete. */
function parseAnswer(bytes: Buffer, method: string): RawAnswer | undefined {
  const text = bytes.toString('utf8');
  const end = text.indexOf('\r\n\r\n');
  if (end === -1) return undefined;
  const [statusLine = '', ...lines] = text.slice(0, end).split('\r\n');
  const status = Number(statusLine.split(' ')[1]);
  if (status === 100) return parseAnswer(bytes.subarray(Buffer.byteLength(text.slice(0, end)) + 4), method);
  const headers = Object.fromEntries(
    lines.map((line) => [
      line.slice(0, line.indexOf(':')).toLowerCase(),
      line.slice(line.indexOf(':') + 1).trim(),
    ]),
  );
  const body = text.slice(end + 4);
  const length = method === 'HEAD' ? 0 : Number(headers['content-length'] ?? 0);
  return Buffer.byteLength(body) < length ? undefined : { status, headers, body };
}
