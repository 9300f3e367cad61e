import { createServer, type RequestListener } from 'node:http';
import { Duplex } from 'node:stream';
import { gzipSync } from 'node:zlib';
import express from 'express';
import { describe, expect, it } from 'vitest';
import { createMemoryStore, createSessionRouter, type SessionRouterOptions } from '../../../src/index.js';
import { requestBytes } from '../raw-request.js';

const SIZES = [4 * 1024, 16 * 1024];

/** The CPU time that a request may take from its first byte to its response, in ms: more than the longest block. */
const LIMIT = 10;

const RUNS = [
  ' ',
  '\t',
  ';',
  '; ',
  '=',
  ',',
  ', ',
  '%',
  '%41',
  '%zz',
  '%c3%a9',
  '&',
  '"',
  '\\\\',
  '.',
  '-',
  '0',
  'a',
  '/',
  '?',
  '\xc3\xa9',
  '\xe9',
  'connect.sid=',
  'connect.sid=;',
  'connect.sid=x;',
  'connect.sid= ',
  's%3A',
  'sessionId=a&',
  'extend=false&',
  ';charset',
  'gzip,',
  '+',
];

const JSON_TYPE = 'Content-Type: application/json';

/** Each input of a request, filled with a run of characters. */
const INPUTS: Record<string, (run: string) => Buffer> = {
  'the value of the cookie': (run) => get('/page', [`Cookie: connect.sid=${run}x`]),
  'before the cookie': (run) => get('/page', [`Cookie: ${run}connect.sid=s%3Aa.b`]),
  'after the cookie': (run) => get('/page', [`Cookie: connect.sid=s%3Aa.b${run}`]),
  gkc_sessionId: (run) => get('/page', [`gkc_sessionId: ${run}x`]),
  'two spellings': (run) =>
    get('/page', [
      `gkc_sessionId: ${run.slice(run.length / 2)}`,
      `gkc-sessionId: ${run.slice(run.length / 2)}x`,
    ]),
  gkc_customerId: (run) => requestBytes('PUT /sessions/new', [`gkc_customerId: x${run}x`]),
  'Content-Type': (run) => put([`Content-Type: application/json;${run}x`], '{"visitId":"v"}'),
  'the charset': (run) => put([`Content-Type: application/json; charset=${run}x`], '{"visitId":"v"}'),
  'Content-Encoding': (run) => put([JSON_TYPE, `Content-Encoding: x${run}x`], '{"visitId":"v"}'),
  'Sec-Fetch-Site': (run) => get('/page', [`Sec-Fetch-Site: ${run}x`]),
  'X-Forwarded-Proto': (run) => get('/page', [`X-Forwarded-Proto: ${run}x`]),
  'the query': (run) => get(`/page?${inTarget(run)}`),
  'a value of the query': (run) => get(`/page?sessionId=${inTarget(run)}x`),
  extend: (run) => get(`/sessions/a?extend=${inTarget(run)}x`),
  'the ID in the path': (run) => get(`/sessions/${inTarget(run)}`),
  'another path': (run) => get(`/${inTarget(run)}`),
  'the origin of the target': (run) => get(`http://a${inTarget(run)}/page`),
  'a value of the body': (run) => put([JSON_TYPE], JSON.stringify({ visitId: run.slice(20) })),
  'a name in the body': (run) => put([JSON_TYPE], JSON.stringify({ [run.slice(20)]: 'v' })),
  'the body': (run) => put([JSON_TYPE], run),
  'a body in gzip': (run) => put([JSON_TYPE, 'Content-Encoding: gzip'], gzipSync(run)),
  'a bomb in gzip': (run) => put([JSON_TYPE, 'Content-Encoding: gzip'], gzipSync(run.repeat(100))),
};

const get = (target: string, headers: string[] = []) => requestBytes(`GET ${target}`, headers);

const put = (headers: string[], body: string | Buffer) =>
  requestBytes('PUT /sessions/new', [...headers, `Content-Length: ${Buffer.byteLength(body)}`], body);

/** What Node does not accept in a target is left out. */
const inTarget = (run: string) => run.replace(/[^\x21-\x7e]/g, '');

const OPTIONS: SessionRouterOptions = {
  cookie: { secret: ['first', 'second', 'third'] },
  sources: ['header', 'cookie', 'query'],
  autoCreate: true,
  authorize: () => true,
};

/** Sends bytes to a listener without a socket, and returns the CPU time until the first byte of the response, in ms. */
function timeOf(listener: RequestListener, bytes: Buffer): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer({ maxHeaderSize: 64 * 1024 }, listener);
    const wire = new Duplex({
      read() {},
      write(_chunk, _encoding, callback) {
        const { user, system } = process.cpuUsage(start);
        resolve((user + system) / 1000);
        callback();
        wire.destroy();
      },
    });
    server.emit('connection', wire);
    const start = process.cpuUsage();
    wire.push(bytes);
  });
}

describe('a request takes no time, whatever it is filled with', () => {
  const app = express()
    .set('trust proxy', true)
    .use(createSessionRouter(createMemoryStore({ max: 100 }), OPTIONS))
    .use((_req, res) => void res.end());

  it.each(Object.keys(INPUTS))('%s', { timeout: 60_000 }, async (name) => {
    for (const size of SIZES) {
      for (const run of RUNS) {
        const bytes = INPUTS[name]?.(run.repeat(size / run.length)) as Buffer;
        // The least of several: whatever else the machine does can only make it longer.
        let least = Number.POSITIVE_INFINITY;
        for (let i = 0; i < 8 && least > LIMIT; i++) least = Math.min(least, await timeOf(app, bytes));
        expect(least, `${size} bytes of ${JSON.stringify(run)}`).toBeLessThan(LIMIT);
      }
    }
  });
});
