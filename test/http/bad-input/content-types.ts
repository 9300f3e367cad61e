import { bad, type Category, created, error, inChunks, type Outcome } from './bad-input.js';

const BODY = '{"visitId":"v"}';
const UNSUPPORTED = error(415, 'unsupported_media_type');
const READ = created({ visitId: 'v' });

const unsupported = [
  'text/plain',
  'text/json',
  'text/html; charset=utf-8',
  'application/x-www-form-urlencoded',
  'multipart/form-data; boundary=x',
  'application/xml',
  'application/octet-stream',
  'application/jsonp',
  'application/json5',
  'application/x-json',
  'application/jsonx+xml',
  'application/json+xml',
  'application/+json',
  'application/',
  'application/*',
  '*/*',
  '/json',
  'json',
  'nonsense',
  'application / json',
  'application/json, text/plain',
  'application/json x',
  'application/vnd app+json',
  'image/svg+json',
  'constructor',
  '__proto__',
  'x'.repeat(8000),
];

const supported = [
  'application/json',
  'APPLICATION/JSON',
  'application/json;',
  'application/json;;',
  'application/json ; charset=utf-8',
  'application/json; charset=utf8',
  'application/json; charset="utf-8"',
  'application/json; x=y; CHARSET=UTF-8',
  'application/json; charset=utf-8; charset=utf-16',
  'application/problem+json',
  'application/vnd.a.b-c_d+json; v=1',
];

const charsets = [
  '',
  'utf-16',
  'utf-16le',
  'utf-16be',
  'utf-32',
  'utf-7',
  'utf-9',
  'us-ascii',
  'iso-8859-1',
  'latin1',
  'windows-1252',
  'shift_jis',
  'gb18030',
  'koi8-r',
  'binary',
  'base64',
  'hex',
  'ucs2',
  '*',
  '__proto__',
  'x'.repeat(4000),
];

const put = (type: string, outcome: Outcome, body = BODY) =>
  bad(type.slice(0, 60), 'PUT /sessions/new', outcome, [`Content-Type: ${type}`], body);

const withoutType = (body: string, outcome: Outcome) => [
  bad(`none: ${body}`, 'PUT /sessions/new', outcome, [], body),
  bad(
    `none, in chunks: ${body}`,
    'PUT /sessions/new',
    outcome,
    ['Transfer-Encoding: chunked'],
    inChunks(body, 3),
  ),
];

export const contentTypes: Category = {
  name: 'Content types and charsets',
  cases: [
    ...unsupported.map((type) => put(type, UNSUPPORTED)),
    ...charsets.map((charset) => put(`application/json; charset=${charset}`, UNSUPPORTED)),
    ...charsets.map((charset) => put(`application/json; charset="${charset}"`, UNSUPPORTED)),
    ...supported.map((type) => put(type, READ)),
    ...['{', '[]', 'visitId=v', '{ }', ' ', BODY].flatMap((body) => withoutType(body, UNSUPPORTED)),
    // Nothing is sent, whatever its type is.
    ...withoutType('{}', created()),
    ...unsupported.map((type) => put(type, created(), '{}')),
    ...unsupported.map((type) => put(type, created(), '')),
  ],
};
