// npm run figures:mutation: puts what a whole npm run test:mutation came to into figures/mutation.json, and holds every change that no
// test noticed against scripts/mutation-explained.json, which says of each why no test could, or need, notice it.
import { readFileSync, writeFileSync } from 'node:fs';
import config from '../stryker.config.mjs';

const REPORT = new URL('../reports/mutation/mutation.json', import.meta.url);
const EXPLAINED = new URL('mutation-explained.json', import.meta.url);
const FIGURES = new URL('../figures/mutation.json', import.meta.url);

const NOTICED = ['Killed', 'Timeout'];
const UNNOTICED = ['Survived', 'NoCoverage'];

const { files } = JSON.parse(readFileSync(REPORT, 'utf8'));
const lacking = config.mutate.filter((file) => files[file] === undefined);
if (lacking.length > 0) throw new Error(`the last npm run test:mutation left out ${lacking.join(', ')}`);

const unnoticed = config.mutate.flatMap((file) =>
  files[file].mutants
    .filter(({ status }) => UNNOTICED.includes(status))
    .map((mutant) => `${file}: ${changeOf(files[file].source, mutant)}`),
);
const explained = JSON.parse(readFileSync(EXPLAINED, 'utf8')).flatMap(({ changes }) => changes);
complain('not explained', difference(unnoticed, explained));
complain('explained, and noticed after all', difference(explained, unnoticed));

const rows = config.mutate.map((file) => rowOf(file, files[file].mutants));
const all = rowOf(
  'all',
  config.mutate.flatMap((file) => files[file].mutants),
);
const figures = {
  title: 'Mutation testing',
  columns: ['file', 'changes', 'noticed', 'explained', 'score'],
  rows: [...rows, all],
};
writeFileSync(FIGURES, `${JSON.stringify(figures, null, 2)}\n`);

/** `before => after`, in one line. */
function changeOf(source, { location: { start, end }, replacement }) {
  const lines = source.split('\n').slice(start.line - 1, end.line);
  lines[lines.length - 1] = lines.at(-1).slice(0, end.column - 1);
  lines[0] = lines[0].slice(start.column - 1);
  const inOneLine = (text) => text.replace(/\s+/g, ' ').slice(0, 100);
  return `${inOneLine(lines.join('\n'))} => ${inOneLine(replacement)}`;
}

function difference(some, others) {
  return [...new Set(some)].filter((each) => !others.includes(each));
}

function complain(what, changes) {
  if (changes.length === 0) return;
  process.exitCode = 1;
  console.error(`${what}:\n${changes.map((change) => `  ${JSON.stringify(change)}`).join('\n')}`);
}

/** Changes that do not run at all count neither way. A test that no longer ends has noticed. */
function rowOf(file, mutants) {
  const count = (statuses) => mutants.filter(({ status }) => statuses.includes(status)).length;
  if (count(['Pending']) > 0) throw new Error(`the last npm run test:mutation did not end with ${file}`);
  const noticed = count(NOTICED);
  const explained = count(UNNOTICED);
  const changes = noticed + explained;
  const score = `${((100 * noticed) / changes).toFixed(1)} %`;
  return { file, changes, noticed, explained, score };
}
