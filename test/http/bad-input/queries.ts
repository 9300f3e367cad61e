import { sign } from 'cookie-signature';
import { attached, bad, type Category, created, error, LIVE } from './bad-input.js';
import { SECRETS } from './options.js';

const COOKIE = `Cookie: connect.sid=${encodeURIComponent(`s:${sign(LIVE, SECRETS[0])}`)}`;

/** What a real client sends before it has an ID. */
const PLACEHOLDER = '00000000-0000-0000-0000-0000000000';

const get = (query: string, sessionId: string | null, headers: string[] = []) =>
  bad(
    `${query.slice(0, 60)} ${headers.join(' ').slice(0, 40)}`,
    `GET /page${query}`,
    attached(sessionId),
    headers,
  );

const nothing = [
  '',
  '?',
  '??',
  '?=',
  '?&&&',
  '?sessionId',
  '?sessionId=',
  '?sessionId=&sessionId=',
  `?sessionid=${LIVE}`,
  `?SESSIONID=${LIVE}`,
  `?sessionId[]=${LIVE}`,
  `?sessionId[0]=${LIVE}`,
  `?sessionId[$ne]=x`,
  `?sessionId.x=${LIVE}`,
  `?sessionId%00=${LIVE}`,
  `?x=?sessionId=${LIVE}`,
  `?x=1;sessionId=${LIVE}`,
  `?__proto__[sessionId]=${LIVE}`,
  `?constructor[prototype][sessionId]=${LIVE}`,
  `?sessionId=${LIVE}&sessionId=other`,
  `?sessionId=other&sessionId=${LIVE}`,
  `?sessionId=${LIVE}&sessionId=${LIVE.toUpperCase()}`,
  `?sessionId=${LIVE}&session%49d=other`,
  `?sessionId=${LIVE},${LIVE}`,
  `?sessionId=${LIVE}%00`,
  `?sessionId=${LIVE}+`,
  `?sessionId=%20${LIVE}`,
  `?sessionId=${LIVE}%0d%0aX:%20y`,
  `?sessionId=${LIVE.toUpperCase()}`,
  '?sessionId=%',
  '?sessionId=%zz',
  '?sessionId=%ff',
  '?sessionId=%c0%af',
  '?sessionId=..',
  '?sessionId=new',
  '?sessionId=__proto__',
  '?sessionId=[object%20Object]',
  `?sessionId=${'x'.repeat(129)}`,
  `?sessionId=${'x'.repeat(8000)}`,
  `?${'sessionId=a&'.repeat(500)}sessionId=b`,
  `?sessionId=unknown`,
];

const live = [
  `?sessionId=${LIVE}`,
  `?session%49d=${LIVE}`,
  `?sessionId=${LIVE.replace('-', '%2d')}`,
  `?sessionId=&sessionId=${LIVE}`,
  `?sessionId=${LIVE}&sessionId=${LIVE}`,
  `?%zz=%zz&sessionId=${LIVE}`,
  `?${'a=b&'.repeat(2000)}sessionId=${LIVE}`,
];

/** The header decides before the cookie, and the cookie before the query; a forged cookie and a placeholder count as not sent. */
const sources: [string, string[], string | null][] = [
  [`?sessionId=${LIVE}`, ['gkc_sessionId: unknown'], null],
  [`?sessionId=${LIVE}`, ['gkc_sessionId: a/b'], null],
  [`?sessionId=${LIVE}`, ['gkc_sessionId: a', 'gkc-sessionId: b'], null],
  [`?sessionId=${LIVE}`, ['gkc_sessionId: '], LIVE],
  [`?sessionId=${LIVE}`, ['Cookie: connect.sid=forged'], LIVE],
  ['?sessionId=unknown', [`gkc_sessionId: ${LIVE}`], LIVE],
  ['?sessionId=a&sessionId=b', [COOKIE], LIVE],
  ['', [COOKIE, 'gkc_sessionId: unknown'], null],
  ['', [COOKIE, 'gkc_sessionId: ..'], null],
  ['', [`gkc_sessionId: ${LIVE}`, 'gkc-sessionId: other'], null],
  ['', [`gkc_sessionId: ${LIVE}`, `gkc_sessionId: ${LIVE}`], LIVE],
  ['', [`gkc_sessionId: ${LIVE}, ${LIVE}`], null],
  ['', [`gkc-sessionId: ${LIVE}`], LIVE],
  ['', [`gkc_sessionId: ${'x'.repeat(8000)}`], null],
  ['', [`gkc_sessionId: ${LIVE}\xe9`], null],
  ['', [`gkc_sessionId: ${LIVE}\tx`], null],
  [`?sessionId=${LIVE}`, [`gkc_sessionId: ${PLACEHOLDER}`], LIVE],
  [`?sessionId=${PLACEHOLDER}`, [COOKIE], LIVE],
  [`?sessionId=${PLACEHOLDER}`, [], null],
  [`?sessionId=${PLACEHOLDER}&sessionId=${LIVE}`, [], LIVE],
  ['', [`gkc_sessionId: ${PLACEHOLDER}`, `gkc-sessionId: ${LIVE}`], LIVE],
];

const INVALID = error(400, 'invalid_field');

const wrongExtend = [
  '?extend',
  '?extend=',
  '?extend=0',
  '?extend=1',
  '?extend=no',
  '?extend=False',
  '?extend=TRUE',
  '?extend=false%00',
  '?extend=false+',
  '?extend=%20false',
  '?extend=true&extend=false',
  '?extend=false&%65xtend=no',
  `?extend=${'x'.repeat(8000)}`,
];

const rightExtend = [
  '?extend=false',
  '?extend=false&extend=false',
  '?extend=true#',
  '?extend[]=x',
  '?Extend=x',
];

const extend = [
  ...wrongExtend.flatMap((query) => [
    bad(`GET ${query.slice(0, 60)}`, `GET /sessions/${LIVE}${query}`, INVALID),
    bad(`HEAD ${query.slice(0, 60)}`, `HEAD /sessions/${LIVE}${query}`, { status: 400 }),
    bad(`POST ${query.slice(0, 60)}`, `POST /sessions/0-${query}`, created()),
    bad(`PUT ${query.slice(0, 60)}`, `PUT /sessions/new${query}`, created()),
  ]),
  ...rightExtend.map((query) => bad(`GET ${query}`, `GET /sessions/${LIVE}${query}`, { status: 200 })),
  bad('GET an unknown session', 'GET /sessions/unknown?extend=no', INVALID),
];

export const queries: Category = {
  name: 'Queries: repeated, arrays, bad escapes, conflicting sources, extend',
  cases: [
    ...nothing.map((query) => get(query, null)),
    ...nothing.slice(5).map((query) => get(query, LIVE, [COOKIE])),
    ...live.map((query) => get(query, LIVE)),
    ...sources.map(([query, headers, sessionId]) => get(query, sessionId, headers)),
    ...extend,
  ],
};
