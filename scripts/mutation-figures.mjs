// npm run figures:mutation: puts what a whole npm run test:mutation came to into figures/mutation.json.
import { readFileSync, writeFileSync } from 'node:fs';
import config from '../stryker.config.mjs';

const REPORT = new URL('../reports/mutation/mutation.json', import.meta.url);
const FIGURES = new URL('../figures/mutation.json', import.meta.url);

const { files } = JSON.parse(readFileSync(REPORT, 'utf8'));
const lacking = config.mutate.filter((file) => files[file] === undefined);
if (lacking.length > 0) throw new Error(`the last npm run test:mutation left out ${lacking.join(', ')}`);

const rows = config.mutate.map((file) => rowOf(file, files[file].mutants));
const all = rowOf(
  'all',
  config.mutate.flatMap((file) => files[file].mutants),
);
const figures = {
  title: 'Mutation testing',
  columns: ['file', 'changes', 'noticed', 'not noticed', 'score'],
  rows: [...rows, all],
};
writeFileSync(FIGURES, `${JSON.stringify(figures, null, 2)}\n`);

/** Changes that do not run at all count neither way. A test that no longer ends has noticed. */
function rowOf(file, mutants) {
  const count = (...statuses) => mutants.filter(({ status }) => statuses.includes(status)).length;
  if (count('Pending') > 0) throw new Error(`the last npm run test:mutation did not end with ${file}`);
  const noticed = count('Killed', 'Timeout');
  const unnoticed = count('Survived', 'NoCoverage');
  const changes = noticed + unnoticed;
  const score = `${((100 * noticed) / changes).toFixed(1)} %`;
  return { file, changes, noticed, 'not noticed': unnoticed, score };
}
