import { bad, type Category, created, error, LIVE, type Outcome, refusedByNode, utf8 } from './bad-input.js';

const INVALID = error(400, 'invalid_session_id');
const UNKNOWN = error(404, 'session_not_found');
const TO_THE_APP: Outcome = { status: 200, attached: null };

const hex = (byte: number) => byte.toString(16).padStart(2, '0');
const isUnreserved = (byte: number) => /[A-Za-z0-9\-._~]/.test(String.fromCharCode(byte));
const bytes = Array.from({ length: 256 }, (_, byte) => byte);

const encodedBytes = bytes.map((byte) =>
  bad(`byte ${hex(byte)}, encoded`, `GET /sessions/a%${hex(byte)}b`, isUnreserved(byte) ? UNKNOWN : INVALID),
);

const rawBytes = bytes.map((byte) =>
  bad(`byte ${hex(byte)}, as it is`, `GET /sessions/a${String.fromCharCode(byte)}b`, ofRawByte(byte)),
);

function ofRawByte(byte: number): Outcome {
  if (byte <= 0x20 || byte >= 0x7f) return refusedByNode();
  const character = String.fromCharCode(byte);
  if (character === '/') return TO_THE_APP;
  // The path ends before a query and before a fragment.
  return character === '?' || character === '#' || isUnreserved(byte) ? UNKNOWN : INVALID;
}

const lengths = [1, 2, 127, 128].map((length) =>
  bad(`${length} long`, `GET /sessions/${'x'.repeat(length)}`, UNKNOWN),
);

const tooLong = [129, 130, 256, 1000, 8000].map((length) =>
  bad(`${length} long`, `GET /sessions/${'x'.repeat(length)}`, INVALID),
);

const segments: [string, Outcome][] = [
  ['.', INVALID],
  ['..', INVALID],
  ['...', UNKNOWN],
  ['%2e', INVALID],
  ['%2E%2e', INVALID],
  ['.%2e', INVALID],
  ['%252e%252e', INVALID],
  ['..%2f..%2fetc%2fpasswd', INVALID],
  ['..%5c..', INVALID],
  ['../..', TO_THE_APP],
  ['a/', UNKNOWN],
  ['a//', TO_THE_APP],
  ['/a', TO_THE_APP],
  ['a/b/c', TO_THE_APP],
  ['a;b=c', INVALID],
  ['%', INVALID],
  ['%a', INVALID],
  ['%zz', INVALID],
  ['%u0041', INVALID],
  ['%c0%af', INVALID],
  ['%c0%80', INVALID],
  ['%ed%a0%80', INVALID],
  ['%f4%90%80%80', INVALID],
  ['%ef%bb%bfa', INVALID],
  ['%e2%80%ae', INVALID],
  ['%f0%9f%98%80', INVALID],
  [utf8('é'), refusedByNode()],
  [utf8('Ａ'), refusedByNode()],
  [utf8('🙂'), refusedByNode()],
  ['a%0d%0aSet-Cookie:%20x=y', INVALID],
  [`${LIVE}%00`, INVALID],
  [`${LIVE}%20`, INVALID],
  [`%20${LIVE}`, INVALID],
  [`${LIVE}%0a`, INVALID],
  [`${LIVE},${LIVE}`, INVALID],
  ['{sessionId}', INVALID],
  [':sessionId', INVALID],
  ['*', INVALID],
  ["' OR 1=1", refusedByNode()],
  ["'%20OR%201=1--", INVALID],
  ['%24where', INVALID],
  ['session-info:a', INVALID],
];

const ofEveryObject = [
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'hasOwnProperty',
  '__defineGetter__',
  'undefined',
  'null',
  'NaN',
  '-1',
];

/** Of 0 and - only: a real client sends the first before it has an ID. Each POST creates another session. */
const placeholders = [
  '00000000-0000-0000-0000-0000000000',
  '00000000-0000-0000-0000-000000000000',
  '0',
  '-',
  '%30%2d',
  '0'.repeat(128),
  '-'.repeat(128),
];

export const pathIds: Category = {
  name: 'Session IDs in the path',
  cases: [
    ...encodedBytes,
    ...rawBytes,
    ...lengths,
    ...tooLong,
    ...segments.map(([id, outcome]) => bad(JSON.stringify(id), `GET /sessions/${id}`, outcome)),
    ...segments
      .filter(([, outcome]) => outcome === INVALID)
      .map(([id]) => bad(`POST ${JSON.stringify(id)}`, `POST /sessions/${id}`, INVALID)),
    ...[...ofEveryObject, ...placeholders].map((id) => bad(id, `GET /sessions/${id}`, UNKNOWN)),
    ...placeholders.map((id) => bad(`HEAD ${id}`, `HEAD /sessions/${id}`, { status: 404 })),
    ...['0'.repeat(129), '-'.repeat(129)].map((id) => bad(`POST ${id}`, `POST /sessions/${id}`, INVALID)),
    ...[...ofEveryObject, ...placeholders].map((id) => bad(`POST ${id}`, `POST /sessions/${id}`, created())),
  ],
};
