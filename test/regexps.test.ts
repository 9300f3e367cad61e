import { readdirSync, readFileSync } from 'node:fs';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';

const SRC = new URL('../src/', import.meta.url);
const SIZES = [16 * 1024, 64 * 1024];

/** What a regular expression may take for a text, in ms. */
const LIMIT = 10;

/** The regular expressions of a file, as they are written. */
function regExpsOf(file: string, source: string): { name: string; regExp: RegExp }[] {
  const found: { name: string; regExp: RegExp }[] = [];
  function visit(node: ts.Node): void {
    if (ts.isRegularExpressionLiteral(node)) {
      const [, pattern = '', flags = ''] = /^\/(.*)\/(\w*)$/s.exec(node.text) ?? [];
      found.push({ name: `${file}: ${node.text}`, regExp: new RegExp(pattern, flags) });
    }
    ts.forEachChild(node, visit);
  }
  visit(ts.createSourceFile(file, source, ts.ScriptTarget.Latest));
  return found;
}

const all = readdirSync(SRC, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts'))
  .flatMap((file) => regExpsOf(file, readFileSync(new URL(file, SRC), 'utf8')));

/** Texts like those that the expressions match: a run of characters may cost most after a part of one. */
const TEXTS = [
  'application/vnd.app+json; charset="utf-8"',
  '2026-01-31T09:00:00.000Z',
  '__Host-Http-sid',
  'connect.sid=s%3Aa.b',
  'https://user:pass@app.example:80/page?a=b#c',
  '/sessions/new',
  '..',
  '0-0',
  'utf-8',
  'table_1."name"',
];

const BEGINNINGS = new Set(
  TEXTS.flatMap((text) => [
    '',
    ...text.split(/(?<=[^a-z])|$/i).map((_, i, all) => all.slice(0, i + 1).join('')),
  ]),
);
const UNITS = [...' \t\n;=,.%:"\\/+-_0aA\ud800', ' ;', '; ', ';charset', '%41', 'a=', 'aa0', 'a.'];

function* attacksOfSize(size: number): Generator<string> {
  for (const unit of UNITS) {
    const run = unit.repeat(size / unit.length);
    for (const beginning of BEGINNINGS) {
      for (const end of ['', '\0']) yield beginning + run + end;
    }
  }
}

/** The least CPU time of several runs, in ms: whatever else the process does can only make a run longer. */
function leastTime(task: () => void): number {
  let least = Number.POSITIVE_INFINITY;
  for (let run = 0; run < 5 && least > LIMIT; run++) {
    const start = process.cpuUsage();
    task();
    const { user, system } = process.cpuUsage(start);
    least = Math.min(least, (user + system) / 1000);
  }
  return least;
}

/** The text for which a regular expression takes too long. */
function slowText(regExp: RegExp): string | undefined {
  for (const size of SIZES) {
    for (const text of attacksOfSize(size)) {
      const time = leastTime(() => {
        regExp.lastIndex = 0;
        text.search(regExp);
      });
      if (time > LIMIT) return `${size}: ${JSON.stringify(text.slice(0, 60))}… took ${time} ms`;
    }
  }
  return undefined;
}

describe('the regular expressions of the package', () => {
  it('are found', () => {
    expect(all.length).toBeGreaterThan(15);
  });

  it.each(all)('take linear time: $name', ({ regExp }) => {
    expect(slowText(regExp)).toBeUndefined();
  });

  it('one that takes more is found', () => {
    expect(slowText(/\s+$/)).toBeDefined();
  });
});
