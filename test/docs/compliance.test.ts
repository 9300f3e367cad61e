import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { proseOf, rowsBelow } from './docs-pages.js';

const PAGE = 'compliance.md';
const TABLES = {
  '## OWASP ASVS 5.0': 'ASVS',
  '## RFC 9110, HTTP': 'RFC 9110',
  '## RFC 6265bis, cookies': 'RFC 6265bis',
  '## What the API itself prevents': '',
};

interface Row {
  /** `ASVS 7.2.4`. */
  readonly rules: readonly string[];
  readonly how: string;
  readonly tests: readonly { readonly file: string; readonly name: string }[];
}

const tables = Object.entries(TABLES).map(([heading, standard]) =>
  rowsBelow(PAGE, heading).map(
    ([rules = '', how = '', tests = '']): Row => ({
      rules: rules.split(', ').map((rule) => `${standard} ${rule}`.trim()),
      how,
      tests: tests.split('<br>').filter(Boolean).map(parseTest),
    }),
  ),
);
const rows = tables.flat();

function parseTest(cell: string) {
  const [, file = '', name = ''] = /^`([\w/-]+)` (.+)$/.exec(cell) ?? [];
  return { file: `test/${file}.test.ts`, name };
}

describe('docs/compliance.md', () => {
  it.each(rows.flatMap(({ rules, tests }) => tests.map((test) => [rules.join(), test] as const)))(
    '%s: the test that it names exists',
    (_, { file, name }) => {
      const url = new URL(`../../${file}`, import.meta.url);
      expect(existsSync(url), `${file} is a file`).toBe(true);
      expect(titlesOf(readFileSync(url, 'utf8')).some((title) => title.includes(name))).toBe(true);
    },
  );

  it('names a test for every row that does not leave the rule to you', () => {
    const without = rows.filter(({ tests }) => tests.length === 0);
    expect(without.filter(({ how }) => !/^(?:you: |does not apply: )/.test(how))).toEqual([]);
  });

  it('has every rule once in each table, as rules are numbered', () => {
    for (const table of tables) {
      const rules = table.flatMap((row) => row.rules);
      expect(rules.length).toBeGreaterThan(9);
      expect(rules).toEqual([...new Set(rules)]);
      for (const rule of rules) expect(rule).toMatch(/^(?:ASVS|RFC 9110|RFC 6265bis) \d+(?:\.\d+)+$/);
    }
  });

  it('has all requirements of ASVS chapter 7', () => {
    expect(proseOf(PAGE)).toContain('ASVS 5.0.0');
    const found = (tables[0] ?? [])
      .flatMap(({ rules }) => rules)
      .filter((rule) => rule.startsWith('ASVS 7.'));
    const requirements = Object.entries(CHAPTER_7).flatMap(([section, count]) =>
      Array.from({ length: count }, (_, i) => `ASVS ${section}.${i + 1}`),
    );
    expect(found.sort()).toEqual(requirements.sort());
  });

  it('is the only place that refers to these rules: no test does in its name', () => {
    const folder = new URL('../', import.meta.url);
    const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) =>
      file.endsWith('.ts'),
    );
    const tagged = files.filter((file) =>
      /\[(?:ASVS|RFC \w+) [\d.]+\]/.test(readFileSync(new URL(file, folder), 'utf8')),
    );
    expect(tagged).toEqual([]);
  });
});

/** The sections of ASVS 5.0.0, chapter 7 (session management), and how many requirements each has. */
const CHAPTER_7 = { '7.1': 3, '7.2': 4, '7.3': 2, '7.4': 5, '7.5': 3, '7.6': 2 };

/** Every string of a test's source that may be a title or a part of one, as in `it.each`. */
function titlesOf(source: string): string[] {
  return [...source.matchAll(/'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"|`(?:[^`\\]|\\.)*`/g)].map(([quoted]) =>
    quoted.slice(1, -1).replaceAll("\\'", "'"),
  );
}
