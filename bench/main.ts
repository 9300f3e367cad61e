// npm run bench [-- SUITE…]: runs suites, writes what they measured into results.json, and from it RESULTS.md, the chart and the tables
// of the pages. With ROUNDS set it is a quick try that writes nothing.
import { measureCalls } from './calls.ts';
import { compare, type Effort } from './compare.ts';
import { measureCustomers } from './customers.ts';
import { measureMemory } from './memory.ts';
import { profileRoutes } from './profile.ts';
import { type Measured, type Results, type Row, readResults, writeResults } from './results.ts';
import { describeMachine, describeVersion } from './setting.ts';
import { SUITES, type Suite } from './suites.ts';
import { writePages } from './write-pages.ts';

const isTry = process.env.ROUNDS !== undefined;
const effort: Effort = isTry ? { starts: 1, rounds: Number(process.env.ROUNDS) } : { starts: 5, rounds: 9 };

const RUNS: Record<string, () => Promise<Measured>> = {
  ...Object.fromEntries(Object.entries(SUITES).map(([name, suite]) => [name, () => runSuite(suite)])),
  memory: measureMemory,
  calls: () => measureCalls(effort),
  customers: () => measureCustomers(effort),
  profile: profileRoutes,
};

const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !(name in RUNS));
if (unknown.length > 0) {
  throw new Error(`no suite ${unknown.join(', ')}; there are ${Object.keys(RUNS).join(', ')}`);
}
const machine = describeMachine();
console.log(machine);
for (const [name, run] of Object.entries(RUNS)) {
  if (asked.length > 0 && !asked.includes(name)) continue;
  console.log(`\n${name}`);
  const { title, rows, versions } = await run();
  console.table(rows);
  if (!isTry) writeResults(inOrder({ ...readResults(), [name]: { title, rows, machine, versions } }));
}
if (!isTry) writePages();

async function runSuite({
  title,
  packages,
  comparisons,
  startDatabase,
  overSockets,
}: Suite): Promise<Measured> {
  const database = await startDatabase?.();
  try {
    const rows: Row[] = [];
    for (const comparison of comparisons) {
      rows.push(...(await compare(comparison, effort, { database, overSockets })));
    }
    const versions = [...packages.map(describeVersion), ...(database ? [database.version] : [])];
    return { title, rows, versions };
  } finally {
    await database?.stop();
  }
}

function inOrder(results: Results): Results {
  return Object.fromEntries(
    Object.keys(RUNS).flatMap((name) => (results[name] ? [[name, results[name]]] : [])),
  );
}
