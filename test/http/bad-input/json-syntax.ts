import { bad, badBody, type Category, created, error } from './bad-input.js';

const INVALID = error(400, 'invalid_json');
const READ = created({ visitId: 'v' });

const broken = [
  '{',
  '}',
  '[',
  ']',
  '{]',
  '{}}',
  '{}{}',
  '{} {}',
  '{},',
  ',{}',
  '{"visitId"}',
  '{"visitId":}',
  '{"visitId":"v"',
  '{"visitId":"v}',
  '{"visitId":"v",}',
  '{,"visitId":"v"}',
  '{"visitId":"v","visitId"}',
  '{"visitId" "v"}',
  '{"visitId":"v";}',
  '{visitId:"v"}',
  "{'visitId':'v'}",
  '{"visitId":`v`}',
  '{"visitId":v}',
  '{"visitId":"v"}x',
  '{"visitId":"v"}\0',
  '\0{"visitId":"v"}',
  '/* */{"visitId":"v"}',
  '{"visitId":"v"}// x',
  '# x\n{"visitId":"v"}',
  '{"visitId":"\\x76"}',
  '{"visitId":"\\u00"}',
  '{"visitId":"\\u{76}"}',
  '{"visitId":"\\"}',
  '{"visitId":"a\nb"}',
  '{"visitId":"a\tb"}',
  '{"visitId":"a\0b"}',
  '{"a":01}',
  '{"a":+1}',
  '{"a":.5}',
  '{"a":1.}',
  '{"a":1e}',
  '{"a":0x1}',
  '{"a":NaN}',
  '{"a":Infinity}',
  '{"a":-}',
  '{"a":undefined}',
  '{"a":True}',
  '{"a":1n}',
  'undefined',
  'NaN',
  'nul',
  'TRUE',
  'visitId=v',
  '<visitId>v</visitId>',
  ")]}',\n{}",
  '\u00a0{}',
  '\u2028{}',
  '\v{}',
  '\f{}',
  '\ufeff\ufeff{"visitId":"v"}',
  '{"visitId":"v"}\ufeff',
  '\ufeff{',
  '--x\r\n\r\n{}\r\n--x--',
];

/** Every way in which bytes are not UTF-8. */
const notUtf8: [string, number[]][] = [
  ['80', [0x80]],
  ['bf', [0xbf]],
  ['c0 80', [0xc0, 0x80]],
  ['c1 bf', [0xc1, 0xbf]],
  ['c3', [0xc3]],
  ['c3 28', [0xc3, 0x28]],
  ['e0 80 80', [0xe0, 0x80, 0x80]],
  ['e2 82', [0xe2, 0x82]],
  ['a surrogate', [0xed, 0xa0, 0x80]],
  ['a pair of surrogates', [0xed, 0xa0, 0xbd, 0xed, 0xb8, 0x80]],
  ['f0 80 80 80', [0xf0, 0x80, 0x80, 0x80]],
  ['over U+10FFFF', [0xf4, 0x90, 0x80, 0x80]],
  ['f8', [0xf8, 0x88, 0x80, 0x80, 0x80]],
  ['fe', [0xfe]],
  ['ff', [0xff]],
];

const around = (bytes: number[]) =>
  Buffer.concat([Buffer.from('{"visitId":"'), Buffer.from(bytes), Buffer.from('"}')]);

const utf16 = Buffer.from('\ufeff{"visitId":"v"}', 'utf16le');

export const jsonSyntax: Category = {
  name: 'JSON: syntax, byte order marks, invalid UTF-8',
  cases: [
    ...broken.map((body) => badBody(JSON.stringify(body), body, INVALID)),
    ...broken
      .filter((body) => !body.includes('\0'))
      .map((body) =>
        bad(
          `POST ${JSON.stringify(body)}`,
          'POST /sessions/never-created',
          INVALID,
          ['Content-Type: application/json'],
          body,
        ),
      ),
    ...notUtf8.map(([name, bytes]) => badBody(`in a value: ${name}`, around(bytes), INVALID)),
    ...notUtf8.map(([name, bytes]) => badBody(`alone: ${name}`, Buffer.from(bytes), INVALID)),
    badBody('UTF-16 LE', utf16, INVALID),
    badBody('UTF-16 BE', Buffer.from(utf16).swap16(), INVALID),
    badBody('a byte order mark', '\ufeff{"visitId":"v"}', READ),
    badBody('white space around', ' \t\r\n{"visitId":"v"}\n ', READ),
    badBody('nothing but white space', ' ', INVALID),
    badBody('nothing but a byte order mark', '\ufeff', created()),
  ],
};
