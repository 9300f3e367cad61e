// npm run figures:mutation: writes the result of a whole npm run test:mutation into figures/mutation.json, and compares every change that
// no test noticed with scripts/mutation-explained.json, which says of each why no test can, or need, notice it.
import { readFileSync, writeFileSync } from 'node:fs';
import config from '../stryker.config.mjs';

const REPORT = new URL('../reports/mutation/mutation.json', import.meta.url);
const EXPLAINED = new URL('mutation-explained.json', import.meta.url);
const FIGURES = new URL('../figures/mutation.json', import.meta.url);

const { files } = JSON.parse(readFileSync(REPORT, 'utf8'));
const lacking = config.mutate.filter((file) => files[file] === undefined);
if (lacking.length > 0) throw new Error(`the last npm run test:mutation left out ${lacking.join(', ')}`);

const changes = config.mutate.flatMap((file) =>
  files[file].mutants.map((mutant) => ({
    file,
    status: mutant.status,
    change: `${file}: ${changeOf(files[file].source, mutant)}`,
  })),
);
const explained = new Set(JSON.parse(readFileSync(EXPLAINED, 'utf8')).flatMap((each) => each.changes));
const named = (...statuses) =>
  new Set(changes.filter(({ status }) => statuses.includes(status)).map(({ change }) => change));
if (named('Pending').size > 0) throw new Error('the last npm run test:mutation did not end');
complain('not explained', difference(named('Survived', 'NoCoverage'), explained));
complain(
  'explained, and noticed after all',
  difference(explained, named('Survived', 'NoCoverage', 'Timeout')),
);

const rows = config.mutate.map((file) =>
  rowOf(
    file,
    changes.filter((each) => each.file === file),
  ),
);
const figures = {
  title: 'Mutation testing',
  columns: ['file', 'changes', 'noticed', 'explained', 'score'],
  rows: [...rows, rowOf('all', changes)],
};
writeFileSync(FIGURES, `${JSON.stringify(figures, null, 2)}\n`);

/** The line in which a change begins, and `before => after`. */
function changeOf(source, { location: { start, end }, replacement }) {
  const lines = source.split('\n').slice(start.line - 1, end.line);
  const [line] = lines;
  lines[lines.length - 1] = lines.at(-1).slice(0, end.column - 1);
  lines[0] = lines[0].slice(start.column - 1);
  const inOneLine = (text) => text.replace(/\s+/g, ' ').slice(0, 100);
  return `${inOneLine(line.trim())} | ${inOneLine(lines.join('\n'))} => ${inOneLine(replacement)}`;
}

function difference(some, others) {
  return [...some].filter((each) => !others.has(each));
}

function complain(what, changes) {
  if (changes.length === 0) return;
  process.exitCode = 1;
  console.error(`${what}:\n${changes.map((change) => `  ${JSON.stringify(change)}`).join('\n')}`);
}

/**
 * Changes that do not run at all count neither way. A test that no longer ends has noticed, but for a change that is explained: then
 * the machine was busy.
 */
function rowOf(file, changes) {
  const count = (isCounted) => changes.filter(isCounted).length;
  const noticed = count(
    ({ status, change }) => status === 'Killed' || (status === 'Timeout' && !explained.has(change)),
  );
  const others = count(
    ({ status, change }) =>
      ['Survived', 'NoCoverage'].includes(status) || (status === 'Timeout' && explained.has(change)),
  );
  const score = `${((100 * noticed) / (noticed + others)).toFixed(1)} %`;
  return { file, changes: noticed + others, noticed, explained: others, score };
}
