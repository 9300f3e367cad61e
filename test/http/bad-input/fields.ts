import { type BadInput, bad, badBody, type Category, created, error } from './bad-input.js';

const INVALID = error(400, 'invalid_field');
const NAMES = ['visitId', 'globalVisitId'] as const;

const wrong: [string, string][] = [
  ...[
    '0',
    '1',
    '-1.5',
    '1e999',
    'true',
    'false',
    '[]',
    '["v"]',
    '{}',
    '{"toString":"v"}',
    '{"length":1}',
  ].map((json): [string, string] => [json, json]),
  ...controlCharacters().map((code): [string, string] => [`U+${code}`, `"a\\u${code}b"`]),
  ['a control character alone', '"\\u0000"'],
  ['a control character at the end', '"v\\n"'],
  ['U+0080 as bytes', '"\u0080"'],
  ['U+007F as a byte', '"\u007f"'],
  ['257 long', JSON.stringify('x'.repeat(257))],
  ['257 long, of two bytes each', JSON.stringify('é'.repeat(257))],
  ['258 long, of pairs', JSON.stringify('🙂'.repeat(129))],
  ['16,000 long', JSON.stringify('x'.repeat(16_000))],
  ['257 spaces', JSON.stringify(' '.repeat(257))],
  ...[
    '\\ud800',
    '\\udbff',
    '\\udc00',
    '\\udfff',
    'a\\ud800',
    '\\udc00a',
    '\\ud800a',
    '\\ud800\\ud800',
    '\\udc00\\ud800',
    '\\ud83d\\ude00\\ud83d',
  ].map((text): [string, string] => [text, `"${text}"`]),
];

/** Unicode category Cc. */
function controlCharacters(): string[] {
  return Array.from({ length: 0xa0 }, (_, code) => code)
    .filter((code) => code < 0x20 || code >= 0x7f)
    .map((code) => code.toString(16).padStart(4, '0'));
}

const right = [
  'x',
  ' ',
  '0',
  'x'.repeat(256),
  'é'.repeat(256),
  '€'.repeat(256),
  '🙂'.repeat(128),
  '\ufeff',
  '\uffff',
  '\u202e',
  '\u2028',
  'null',
  '__proto__',
  "'; DROP TABLE sessions; --",
  '</script>',
  '\\u0000',
  '%00',
];

const ofMember = (name: string): BadInput[] => [
  ...wrong.map(([what, json]) => badBody(`${name}: ${what}`, `{"${name}":${json}}`, INVALID)),
  ...right.map((value) =>
    badBody(
      `${name}: ${JSON.stringify(value).slice(0, 40)}`,
      JSON.stringify({ [name]: value }),
      created({ [name]: value }),
    ),
  ),
  ...['null', '""'].map((json) => badBody(`${name}: ${json}`, `{"${name}":${json}}`, created())),
];

export const fields: Category = {
  name: 'Fields: types, lone surrogates, control characters, 256 and 257 long',
  cases: [
    ...NAMES.flatMap(ofMember),
    ...wrong.map(([what, json]) =>
      bad(
        `POST, one of two: ${what}`,
        'POST /sessions/never-created',
        INVALID,
        ['Content-Type: application/json', 'gkc_customerId: c'],
        `{"visitId":"v","globalVisitId":${json}}`,
      ),
    ),
  ],
};
