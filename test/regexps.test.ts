import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
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

/** Runs of these come between a beginning and an end that may match. */
const UNITS = [
  ...' \t\n;=,.%&"\\/-_~+0aA{}[]()é\ud800',
  ' ;',
  '; ',
  ';charset',
  'charset=',
  '\r\n',
  '%41',
  'a=',
  'Aa0',
];

/** Texts that match, and so contain the beginnings after which a run of characters costs most. */
function samplesOf(regExp: RegExp): string[] {
  try {
    return fc.sample(
      fc.stringMatching(new RegExp(regExp.source.replace(/\(\?[=!<].*?\)/g, ''), regExp.flags)),
      {
        seed: 1,
        numRuns: 4,
      },
    );
  } catch {
    // Not every syntax can be sampled.
    return [];
  }
}

function* attacksOn(regExp: RegExp, size: number): Generator<string> {
  const samples = samplesOf(regExp);
  const beginnings = new Set(['']);
  const ends = ['', 'x', '\0', ';'];
  const units = new Set(UNITS);
  for (const sample of samples) {
    for (let at = 1; at <= Math.min(sample.length, 40); at++) {
      beginnings.add(sample.slice(0, at));
      units.add(sample.slice(at - 1, at));
      units.add(sample.slice(at - 1, at + 1));
    }
  }
  for (const unit of units) {
    const run = unit.repeat(size / unit.length);
    for (const beginning of beginnings) {
      for (const end of ends) yield beginning + run + end;
    }
  }
}

/** The least of several runs, in ms: whatever else the machine does can only make a run longer. */
function leastTime(task: () => void): number {
  let least = Number.POSITIVE_INFINITY;
  for (let run = 0; run < 5 && least > LIMIT; run++) {
    const start = performance.now();
    task();
    least = Math.min(least, performance.now() - start);
  }
  return least;
}

/** The text for which a regular expression takes too long. */
function slowText(regExp: RegExp): string | undefined {
  for (const size of SIZES) {
    for (const text of attacksOn(regExp, size)) {
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

  it.each([/\s+$/, /^(?:a|aa)+$/, /;\s*\s*charset/, /"[^"]*"\s*,\s*"[^"]*"$/])(
    'one that takes more is found: %s',
    (regExp) => {
      expect(slowText(regExp)).toBeDefined();
    },
    60_000,
  );
});
