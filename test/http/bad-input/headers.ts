import {
  type BadInput,
  bad,
  type Category,
  created,
  error,
  type Outcome,
  refusedByNode,
  utf8,
} from './bad-input.js';

const AMBIGUOUS = error(400, 'ambiguous_header');
const INVALID = error(400, 'invalid_field');

const put = (name: string, headers: string[], outcome: Outcome) =>
  bad(name, 'PUT /sessions/new', outcome, headers);

/** The two spellings of a header, and its member. */
const ofHeader = (underscore: string, member: 'agentId' | 'customerId'): BadInput[] => {
  const hyphen = underscore.replace('_', '-');
  const stored = (value: string) => created({ [member]: value });
  return [
    ...[underscore, hyphen, underscore.toUpperCase(), hyphen.toLowerCase()].flatMap((header) => [
      put(`${header}: one`, [`${header}: one`], stored('one')),
      put(`${header}, empty`, [`${header}:`], created()),
      put(`${header}, blanks`, [`${header}: \t `], created()),
      put(`${header}, blanks around`, [`${header}:  \t one \t `], stored('one')),
      put(`${header} twice, different`, [`${header}: one`, `${header}: two`], AMBIGUOUS),
      put(`${header} twice, the same`, [`${header}: one`, `${header}: one`], stored('one')),
      put(`${header} twice, one empty`, [`${header}:`, `${header}: one`], stored('one')),
      put(`${header} thrice`, [`${header}: one`, `${header}: one`, `${header}: two`], AMBIGUOUS),
      put(`${header} with a comma`, [`${header}: one, two`], stored('one, two')),
      put(`${header} 100 times`, Array(100).fill(`${header}: one`), stored('one')),
      put(`${header} 256 long`, [`${header}: ${'x'.repeat(256)}`], stored('x'.repeat(256))),
      put(`${header} 257 long`, [`${header}: ${'x'.repeat(257)}`], INVALID),
      put(`${header} 8,000 long`, [`${header}: ${'x'.repeat(8000)}`], INVALID),
      put(`${header} 17,000 long`, [`${header}: ${'x'.repeat(17_000)}`], refusedByNode(431)),
      put(`${header} with a tab`, [`${header}: a\tb`], INVALID),
      put(`${header} in UTF-8`, [`${header}: ${utf8('José 🙂')}`], stored('José 🙂')),
      put(`${header} in Latin-1`, [`${header}: Jos\xe9`], stored('José')),
      put(`${header} half UTF-8`, [`${header}: ${utf8('é')}\xe9`], stored('Ã©é')),
      put(`${header} of C1 in UTF-8`, [`${header}: a${utf8('\u0085')}b`], INVALID),
      put(`${header} of C1 in Latin-1`, [`${header}: a\x85b`], INVALID),
      put(`${header}, a surrogate's bytes`, [`${header}: \xed\xa0\x80`], INVALID),
      put(`${header}, a prototype's name`, [`${header}: __proto__`], stored('__proto__')),
      ...['\0', '\x01', '\x1f', '\x7f', '\r', '\n'].map((character) =>
        put(`${header} of ${JSON.stringify(character)}`, [`${header}: a${character}b`], refusedByNode()),
      ),
    ]),
    put(`${underscore}, both spellings, different`, [`${underscore}: one`, `${hyphen}: two`], AMBIGUOUS),
    put(`${underscore}, both, by letter case`, [`${underscore}: one`, `${hyphen}: ONE`], AMBIGUOUS),
    put(`${underscore}, both, the same`, [`${underscore}: one`, `${hyphen}: one`], stored('one')),
    put(`${underscore}, both, one empty`, [`${underscore}: one`, `${hyphen}:`], stored('one')),
    put(`${underscore}, both, by encoding`, [`${underscore}: ${utf8('é')}`, `${hyphen}: \xe9`], stored('é')),
  ];
};

/** Not the names, but close. */
const nearly = ['gkc.agentId', 'gkcagentId', 'gkc__agentId', 'x-gkc_agentId', 'gkc_agentIds', 'agentId'];

/** The parser of Node 20.19.0, llhttp 8, takes these for headers of other names. */
const refusedByLlhttp9 = Number.parseInt(process.versions.llhttp ?? '', 10) < 9 ? created() : refusedByNode();

const heads: [string, string[], Outcome][] = [
  ['a space before the colon', ['gkc_agentId : a'], refusedByLlhttp9],
  ['a name in Latin-1', ['gkc_ägentId: a'], refusedByNode()],
  ['no name', [': a'], refusedByLlhttp9],
  ['no colon', ['gkc_agentId'], refusedByNode()],
  ['a folded line', ['gkc_agentId: a', ' b'], refusedByNode()],
  ['3,000 headers', Array.from({ length: 3000 }, (_, i) => `x${i}: 1`), refusedByNode(431)],
  ['a prototype as a name', ['__proto__: x', 'constructor: x'], created()],
];

export const headers: Category = {
  name: 'Headers: repeated, comma, empty, Latin-1, UTF-8, tab, long, two spellings',
  cases: [
    ...ofHeader('gkc_agentId', 'agentId'),
    ...ofHeader('gkc_customerId', 'customerId'),
    ...nearly.map((header) => put(header, [`${header}: a`], created())),
    ...heads.map(([name, lines, outcome]) => put(name, lines, outcome)),
  ],
};
