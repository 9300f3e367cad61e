import { gzipSync } from 'node:zlib';
import {
  bad,
  badBody,
  type Category,
  created,
  error,
  inChunks,
  type Outcome,
  refusedByNode,
} from './bad-input.js';

const LIMIT = 16 * 1024;
const TOO_LARGE = error(413, 'body_too_large');
const READ = created({ visitId: 'v' });

const filled = (size: number) => `{"visitId":"v","other":"${'x'.repeat(size - 26)}"}`;
const JSON_TYPE = 'Content-Type: application/json';

const put = (name: string, headers: string[], body: string | Buffer, outcome: Outcome) =>
  bad(name, 'PUT /sessions/new', outcome, [JSON_TYPE, ...headers], body);

const around = [-2, -1, 0, 1, 2, 1000, 70_000].map((over) => ({
  size: LIMIT + over,
  outcome: over > 0 ? TOO_LARGE : READ,
}));

const nested = (depth: number, open: string, close: string) =>
  `{"visitId":"v","deep":${open.repeat(depth)}1${close.repeat(depth)}}`;

/** Each is under the limit of Node's own parser, and of the app's express.json(). */
const depths = [10, 1000, 8000, 8170, 8190, 16_000, 49_000].flatMap((depth) => {
  const body = nested(depth, '[', ']');
  const outcome = body.length > LIMIT ? TOO_LARGE : READ;
  return [
    badBody(`arrays, ${depth} deep`, body, outcome),
    put(`arrays, ${depth} deep, in gzip`, ['Content-Encoding: gzip'], gzipSync(body), outcome),
  ];
});

const objects = [10, 1000, 2700, 2726, 2730, 10_000].map((depth) => {
  const body = nested(depth, '{"a":', '}');
  return badBody(`objects, ${depth} deep`, body, body.length > LIMIT ? TOO_LARGE : READ);
});

const lengths = ['-1', '+2', '0x2', '2.0', '1e1', 'two', '2, 3', '2,2', ' ', '99999999999999999999', '2;'];

const lies: [string, string[], string, Outcome][] = [
  ['two lengths', ['Content-Length: 2', 'Content-Length: 3'], '{}', refusedByNode()],
  ['a length and chunks', ['Content-Length: 2', 'Transfer-Encoding: chunked'], '{}', refusedByNode()],
  ['chunks, and then not', ['Transfer-Encoding: chunked, identity'], '{}', refusedByNode()],
  ['a length over the limit, and no body', [`Content-Length: ${LIMIT + 1}`], '', TOO_LARGE],
  ['a length of 1 TB, and no body', ['Content-Length: 1000000000000'], '', TOO_LARGE],
];

export const sizes: Category = {
  name: 'Sizes at the limit, in chunks, lying lengths; depth to 49,000',
  cases: [
    ...around.map(({ size, outcome }) => badBody(`${size} bytes`, filled(size), outcome)),
    ...[100, 5000, LIMIT].flatMap((chunk) =>
      around.map(({ size, outcome }) =>
        put(
          `${size} bytes, ${chunk} a chunk`,
          ['Transfer-Encoding: chunked'],
          inChunks(filled(size), chunk),
          outcome,
        ),
      ),
    ),
    ...depths,
    ...objects,
    ...lengths.map((length) => put(`length ${length}`, [`Content-Length: ${length}`], '{}', refusedByNode())),
    ...lies.map(([name, headers, body, outcome]) => put(name, headers, body, outcome)),
  ],
};
