import zlib, { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { bad, type Category, created, error, inChunks, type Outcome } from './bad-input.js';

const BODY = '{"visitId":"v"}';
const READ = created({ visitId: 'v' });
const UNSUPPORTED = error(415, 'unsupported_media_type');
const UNREADABLE = error(400, 'invalid_json');
const TOO_LARGE = error(413, 'body_too_large');

const unsupported = [
  'compress',
  'x-gzip',
  'rot13',
  'base64',
  'gzip, gzip',
  'gzip, identity',
  'identity, gzip',
  'deflate, gzip',
  'gzip;q=1',
  '*',
  'constructor',
  '__proto__',
  'x'.repeat(4000),
];

/** The parser of Express 5 does where Node can, from 22.15 on; that of Express 4 never does. */
const inflatesZstd = process.env.EXPRESS_MAJOR !== '4' && 'createZstdDecompress' in zlib;

const put = (
  name: string,
  encoding: string,
  body: string | Buffer,
  outcome: Outcome,
  headers: string[] = [],
) =>
  bad(
    name.slice(0, 60),
    'PUT /sessions/new',
    outcome,
    ['Content-Type: application/json', `Content-Encoding: ${encoding}`, ...headers],
    body,
  );

const compressions = { gzip: gzipSync, deflate: deflateSync };

/** At every byte something is broken; what comes after the checksum is not read. */
const cut = Object.entries(compressions).flatMap(([encoding, compress]) => {
  const whole = compress(BODY);
  return Array.from({ length: whole.length - 1 }, (_, length) =>
    put(`${encoding}, cut after ${length + 1}`, encoding, whole.subarray(0, length + 1), UNREADABLE),
  );
});

const corrupt = [0, 1, 2, 3, 10, 12, -8, -5, -4, -1].map((at) => {
  const bytes = gzipSync(BODY);
  const index = at < 0 ? bytes.length + at : at;
  bytes[index] = (bytes[index] as number) ^ 0xff;
  return put(`gzip, byte ${at} changed`, 'gzip', bytes, UNREADABLE);
});

const bombs = [20_000, 1_000_000, 10_000_000].flatMap((size) =>
  Object.entries(compressions).map(([encoding, compress]) =>
    put(`${encoding} of ${size}`, encoding, compress(`{"other":"${'x'.repeat(size)}"}`), TOO_LARGE),
  ),
);

const sizes = [-1, 0, 1].flatMap((over) =>
  Object.entries(compressions).map(([encoding, compress]) => {
    const body = `{"visitId":"v","other":"${'x'.repeat(16384 - 26 + over)}"}`;
    return put(`${encoding} of 16384 ${over}`, encoding, compress(body), over > 0 ? TOO_LARGE : READ);
  }),
);

/** The body in so many bytes of gzip: between its head, 10 bytes long, and its data come blocks of 5 that inflate to nothing. */
function padded(size: number): Buffer {
  const name = Buffer.alloc((size - gzipSync(BODY).length - 1) % 5, 'n');
  const [head, data] = [gzipSync(BODY).subarray(0, 10), gzipSync(BODY).subarray(10)];
  // RFC 1952, section 2.3: with this flag a file name, which a zero ends, follows the head.
  head[3] = 8;
  const blocks = (size - head.length - name.length - 1 - data.length) / 5;
  const nothing = Buffer.alloc(5 * blocks, Buffer.from([0, 0, 0, 0xff, 0xff]));
  return Buffer.concat([head, name, Buffer.from([0]), nothing, data]);
}

export const contentEncodings: Category = {
  name: 'Content encodings: unsupported, corrupt, bombs',
  cases: [
    ...unsupported.map((encoding) => put(encoding, encoding, BODY, UNSUPPORTED)),
    put('zstd', 'zstd', BODY, inflatesZstd ? UNREADABLE : UNSUPPORTED),
    ...cut,
    ...corrupt,
    ...bombs,
    ...sizes,
    put('identity', 'identity', BODY, READ),
    put('IDENTITY', 'IDENTITY', BODY, READ),
    put('none', '', BODY, READ),
    put('GZIP', 'GZIP', gzipSync(BODY), READ),
    put('gzip that is none', 'gzip', BODY, UNREADABLE),
    put('deflate that is none', 'deflate', BODY, UNREADABLE),
    put('gzip called deflate', 'deflate', gzipSync(BODY), UNREADABLE),
    put('deflate called gzip', 'gzip', deflateSync(BODY), UNREADABLE),
    put('deflate without its head', 'deflate', deflateRawSync(BODY), UNREADABLE),
    put('gzip called nothing', 'identity', gzipSync(BODY), UNREADABLE),
    put('brotli called gzip', 'gzip', brotliCompressSync(BODY), UNREADABLE),
    put('gzip in gzip', 'gzip', gzipSync(gzipSync(BODY)), UNREADABLE),
    put('gzip of no JSON', 'gzip', gzipSync('visitId=v'), UNREADABLE),
    put('gzip of nothing', 'gzip', gzipSync(''), created()),
    put('gzip of a number', 'gzip', gzipSync('1'), error(400, 'invalid_body')),
    put('unsupported, in chunks', 'rot13', inChunks(BODY, 3), UNSUPPORTED, ['Transfer-Encoding: chunked']),
    put('gzip of nothing, in chunks', 'gzip', inChunks('', 3), created(), ['Transfer-Encoding: chunked']),
    put('gzip in chunks', 'gzip', inChunks(gzipSync(BODY), 3), READ, ['Transfer-Encoding: chunked']),
    ...[-1, 0, 1].map((over) => {
      const body = padded(16_384 + over);
      const outcome = over > 0 ? TOO_LARGE : READ;
      return put(`gzip, padded to 16384 ${over}, in chunks`, 'gzip', inChunks(body, 4000), outcome, [
        'Transfer-Encoding: chunked',
      ]);
    }),
    put('gzip, padded to 2 MB, in chunks', 'gzip', inChunks(padded(2_000_000), 60_000), TOO_LARGE, [
      'Transfer-Encoding: chunked',
    ]),
    put('a bomb in chunks', 'gzip', inChunks(gzipSync('x'.repeat(5_000_000)), 1000), TOO_LARGE, [
      'Transfer-Encoding: chunked',
    ]),
  ],
};
