import { connect } from 'node:net';
import { gzipSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { startApp } from './app-process.js';
import { isLong, ms, quantile, recordFigures } from './figures.js';

/** How often each request is sent: the first ones compile what the others need. */
const [FIRST, ROUNDS] = isLong ? [50, 300] : [2, 5];
const LIMIT = 16 * 1024;

/** JSON of exactly the most bytes that a body may have. */
const filled = (before: string, after: string) =>
  before + ' '.repeat(LIMIT - before.length - after.length) + after;
const nested = (depth: number) => filled('{"a":', `${'['.repeat(depth)}${']'.repeat(depth)}}`);
const members = filled('{', `${Array.from({ length: 1800 }, (_, i) => `"${i}":0`).join(',')}}`);
const cookies = (pair: string) => `${pair}; `.repeat(Math.floor(8192 / (pair.length + 2)));
const forged = `connect.sid=s%3A${'a'.repeat(120)}.${'b'.repeat(43)}`;

const body = (path: string, text: string | Buffer, ...headers: string[]) =>
  request(`POST ${path}`, ['Content-Type: application/json', ...headers], text);
const chunked = (path: string, text: string) =>
  request(
    `POST ${path}`,
    ['Content-Type: application/json', 'Transfer-Encoding: chunked'],
    `${text.length.toString(16)}\r\n${text}\r\n0\r\n\r\n`,
  );

/** The worst that a request can carry within the limits, and the status of its response. */
const WORST: [string, number, Buffer][] = [
  ['no body', 200, request('POST /sessions/s')],
  ['a body of 16 KiB, nested 8,000 deep', 200, body('/sessions/s', nested(8000))],
  [
    'a body of 16 KiB, nested 4,000 deep, in chunks and after `express.json()`',
    200,
    chunked('/parsed/sessions/s', nested(4000)),
  ],
  ['a body of 16 KiB with 1,800 members', 200, body('/sessions/s', members)],
  ['a body of 16 KiB that ends too soon', 400, body('/sessions/s', `{"a":"${'x'.repeat(LIMIT - 6)}`)],
  [
    '10 MB of zeros in gzip',
    413,
    body('/sessions/s', gzipSync(Buffer.alloc(10_000_000)), 'Content-Encoding: gzip'),
  ],
  ['16 KiB in gzip', 200, body('/sessions/s', gzipSync(nested(8000)), 'Content-Encoding: gzip')],
  ['8 KiB of forged cookies, alike', 200, request('GET /', [`Cookie: ${cookies(forged)}`])],
  ['8 KiB of cookies of other names', 200, request('GET /', [`Cookie: ${cookies('a=b')}connect.sid=s%3A.`])],
  [
    'a cookie of our name with 15 KiB of blanks in its value',
    200,
    request('GET /', [`Cookie: connect.sid=${' '.repeat(15_000)}x`]),
  ],
  ['one value in 800 headers', 200, request('POST /sessions/s', Array(800).fill('gkc-customerId: c'))],
  [
    'a header of 15 KiB in Latin-1',
    400,
    request('POST /sessions/s', [`gkc-customerId: ${'é'.repeat(15_000)}`]),
  ],
  ['a query of 1,300 session IDs', 200, request(`GET /?${'sessionId=a&'.repeat(1300)}`)],
  ['a query of 5,000 escapes', 200, request(`GET /?sessionId=${'%41'.repeat(5000)}`)],
  ['a path of 5,000 escapes', 400, request(`GET /sessions/${'%41'.repeat(5000)}`)],
  ['a path of 15,000 slashes', 200, request(`GET /${'/'.repeat(15_000)}`)],
];

it('the longest time that one request blocks the others', { timeout: 300_000 }, async () => {
  const app = await startApp({}, { timeTurns: true });
  const rows = [];
  for (const [what, status, bytes] of WORST) {
    const blocks: number[] = [];
    for (let round = -FIRST; round < ROUNDS; round++) {
      await app.report();
      expect(await send(app.port, bytes), what).toBe(what === 'no body' && round === -FIRST ? 201 : status);
      const { longestBlock } = await app.report();
      if (round >= 0) blocks.push(longestBlock);
    }
    const [median, most] = [quantile(blocks, 0.5), Math.max(...blocks)];
    rows.push({
      'a request with': what,
      answer: status,
      'longest block, median': ms(median),
      [`of ${ROUNDS}, the longest`]: ms(most),
    });
    // A machine that is busy with something else stops a process whenever it likes: in the short run nothing is measured.
    if (isLong) expect(median, what).toBeLessThan(10);
  }
  recordFigures('blocks', 'Longest synchronous block of a request', rows);
});

function request(line: string, headers: string[] = [], text: string | Buffer = ''): Buffer {
  const isChunked = headers.includes('Transfer-Encoding: chunked');
  const length = isChunked || text.length === 0 ? [] : [`Content-Length: ${Buffer.byteLength(text)}`];
  const head = [`${line} HTTP/1.1`, 'Host: a', 'Connection: close', ...length, ...headers, '', ''].join(
    '\r\n',
  );
  return Buffer.concat([Buffer.from(head, 'latin1'), Buffer.from(text)]);
}

/** The status of the response. */
function send(port: number, bytes: Buffer): Promise<number> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(bytes));
    let response = '';
    socket.setTimeout(10_000, () => reject(new Error('no response within 10 s')));
    socket.setEncoding('latin1').on('data', (text) => {
      response += text;
    });
    socket.on('error', reject);
    socket.on('close', () => resolve(Number(response.slice(9, 12))));
  });
}
