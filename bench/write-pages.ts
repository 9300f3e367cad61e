import { readFileSync, writeFileSync } from 'node:fs';
import { drawChart } from './chart.ts';
import { describeSetting, fillFigures, table } from './fill-figures.ts';
import { planFor } from './plan.ts';
import { type Results, readResults, writeResults } from './results.ts';

/** Writes what follows from results.json: RESULTS.md, the plan, the chart, and the tables of the pages. */
export function writePages(): void {
  const plan = planFor(readResults());
  const results = { ...readResults(), ...(plan && { plan }) };
  writeResults(results);
  writeFileSync(new URL('RESULTS.md', import.meta.url), resultsPage(results));
  const chart = drawChart(results);
  if (chart) writeFileSync(new URL('docs/performance.svg', ROOT), chart);
  for (const page of PAGES) {
    const url = new URL(page, ROOT);
    writeFileSync(url, fillFigures(readFileSync(url, 'utf8'), results));
  }
}

const ROOT = new URL('../', import.meta.url);
const PAGES = ['README.md', 'docs/customers.md', 'docs/performance.md'];

function resultsPage(results: Results): string {
  const tables = Object.values(results).map(
    (section) => `## ${section.title}\n\n${table(section.rows)}\n\n${describeSetting(section)}\n`,
  );
  return `# Results\n\nWritten by \`npm run bench\`. [README.md](README.md) says what each figure is.\n\n${tables.join('\n')}`;
}
