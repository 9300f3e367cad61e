import { sign } from 'cookie-signature';
import { attached, bad, type Category, LIVE, refusedByNode } from './bad-input.js';
import { SECRETS } from './options.js';

const signed = (id: string, secret: string = SECRETS[0]) => encodeURIComponent(`s:${sign(id, secret)}`);
const VALID = signed(LIVE);

const get = (name: string, header: string | string[], sessionId: string | null) =>
  bad(
    name,
    'GET /page',
    attached(sessionId),
    [header].flat().map((value) => `Cookie: ${value}`),
  );

/** The cookie with each of its letters changed. */
const tampered = [...VALID].map((letter, at) => {
  const other = letter === 'A' ? 'B' : 'A';
  return get(`tampered at ${at}`, `connect.sid=${VALID.slice(0, at)}${other}${VALID.slice(at + 1)}`, null);
});

const cut = Array.from({ length: VALID.length }, (_, length) =>
  get(`cut at ${length}`, `connect.sid=${VALID.slice(0, length)}`, null),
);

const forged = [
  LIVE,
  `s:${LIVE}`,
  `s:${LIVE}.`,
  `s:${LIVE}.undefined`,
  `s:.${sign('', SECRETS[0]).slice(1)}`,
  `j:{"sessionId":"${LIVE}"}`,
  `j:"${LIVE}"`,
  encodeURIComponent(sign(LIVE, SECRETS[0])),
  `S%3A${VALID.slice(4)}`,
  `${VALID}=`,
  `${VALID}A`,
  `${VALID}%3D`,
  VALID.toUpperCase(),
  signed(LIVE, ''),
  signed(LIVE, 'another secret'),
  signed(LIVE, `${SECRETS[0]} `),
  signed('unknown'),
  signed(''),
  signed('0'),
  signed('00000000-0000-0000-0000-0000000000'),
  signed('..'),
  signed('new'),
  signed('a/b'),
  signed('__proto__'),
  signed(`${LIVE}\0`),
  signed('x'.repeat(129)),
  encodeURIComponent(`s:${VALID}`),
  '%',
  '%zz',
  's%3A%',
  's%3A%ff',
  '""',
  '.',
  's:.',
  '[object Object]',
  'x'.repeat(8192),
  `s%3A${'x'.repeat(8192)}`,
  `${VALID}${'x'.repeat(8192)}`,
];

export const cookies: Category = {
  name: 'Cookies: tampered, other secret, repeated, 8 KiB',
  cases: [
    ...tampered,
    ...cut,
    ...forged.map((value) => get(JSON.stringify(value.slice(0, 60)), `connect.sid=${value}`, null)),
    get('as it was set', `connect.sid=${VALID}`, LIVE),
    get('in quotes', `connect.sid="${VALID}"`, null),
    get('of the old secret', `connect.sid=${signed(LIVE, SECRETS[1])}`, LIVE),
    get('twice, the same', `connect.sid=${VALID}; connect.sid=${VALID}`, LIVE),
    get('twice, the second forged', `connect.sid=${VALID}; connect.sid=x`, null),
    get('twice, the first forged', `connect.sid=x; connect.sid=${VALID}`, null),
    get('twice, in two headers', [`connect.sid=${VALID}`, `connect.sid=${signed('other')}`], null),
    get('200 times, the last different', `${`connect.sid=${VALID}; `.repeat(100)}connect.sid=x`, null),
    get('100 times, and without a value', `${`connect.sid=${VALID}; `.repeat(100)}connect.sid=`, LIVE),
    get('after a byte that is white space in Latin-1', `\xa0connect.sid=${VALID}`, null),
    get('with a space in the middle', `connect.sid=${VALID.slice(0, 9)} ${VALID.slice(9)}`, null),
    get('after two tabs, before two spaces', `a=b;\t\tconnect.sid=${VALID}  ;`, LIVE),
    get('after a tab, before a space', `a=b;\tconnect.sid=${VALID} ;`, LIVE),
    bad('twice, the second forged, beside a query', `GET /page?sessionId=${LIVE}`, attached(null), [
      `Cookie: connect.sid=${signed('other')}; connect.sid=x`,
    ]),
    get('after 8 KiB of others', `a=${'x'.repeat(8192)}; connect.sid=${VALID}`, LIVE),
    get('after broken ones', `;;=; a; %zz=%zz; connect.sid=${VALID}`, LIVE),
    get('among the names that every object has', `__proto__=x; constructor=y; connect.sid=${VALID}`, LIVE),
    ...['Connect.sid', 'connect.sid2', 'xconnect.sid', 'connect%2Esid', '$connect.sid', 'connect.sid[]'].map(
      (name) => get(`by the name ${name}`, `${name}=${VALID}`, null),
    ),
    bad('17 KiB', 'GET /page', refusedByNode(431), [`Cookie: connect.sid=${'x'.repeat(17_000)}`]),
  ],
};
