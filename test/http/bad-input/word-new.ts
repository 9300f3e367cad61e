import { bad, type Category, created, error } from './bad-input.js';

/** Every way to write a letter in a path. */
const ways = (letter: string): string[] =>
  [letter, letter.toUpperCase()].flatMap((each) => {
    const code = each.charCodeAt(0).toString(16);
    return [...new Set([each, `%${code}`, `%${code.toUpperCase()}`])];
  });

const spellings = ways('n').flatMap((n) => ways('e').flatMap((e) => ways('w').map((w) => n + e + w)));

const NOT_ALLOWED = error(405, 'method_not_allowed');
const NO_ID = error(400, 'invalid_session_id');
const isPlain = (word: string) => !word.includes('%');

/** Not the word, and so an ID like another, or none. */
const others: [string, ReturnType<typeof error>][] = [
  ['new%20', error(405, 'method_not_allowed')],
  ['new.', error(405, 'method_not_allowed')],
  ['news', error(405, 'method_not_allowed')],
  ['%ef%bd%8eew', error(405, 'method_not_allowed')],
  ['new%', NO_ID],
];

export const wordNew: Category = {
  name: '`new`, in every letter case and encoding',
  cases: [
    ...spellings.map((word) =>
      bad(`PUT ${word}`, `PUT /sessions/${word}`, isPlain(word) ? created() : NOT_ALLOWED),
    ),
    ...spellings.map((word) =>
      bad(`GET ${word}`, `GET /sessions/${word}`, isPlain(word) ? NOT_ALLOWED : NO_ID),
    ),
    ...spellings.map((word) =>
      bad(`POST ${word}`, `POST /sessions/${word}`, isPlain(word) ? NOT_ALLOWED : NO_ID),
    ),
    // With a fragment Express takes a backslash for a slash.
    bad('PUT after a backslash', 'PUT /sessions\\new#', created()),
    bad('GET after a backslash', 'GET /sessions\\new#', NOT_ALLOWED),
    ...others.map(([word, outcome]) => bad(`PUT ${word}`, `PUT /sessions/${word}`, outcome)),
  ],
};
