import { type ComparisonResult, compare, type SideResult } from './compare.ts';
import type { Database, Suite, Target } from './comparison.ts';
import type { Section } from './section.ts';
import { describeSetting } from './setting.ts';

/** Runs the comparisons of a suite one after the other, and tells of each as it is done. */
export async function runSuite(suite: Suite, rounds: number): Promise<Section> {
  const database = await suite.startDatabase?.();
  try {
    const results: ComparisonResult[] = [];
    for (const comparison of suite.comparisons) {
      process.stdout.write(`  ${comparison.measure} … `);
      const result = await compare(comparison, rounds, database);
      console.log(`${ratio(result)} ${verdict(result)}  ${sides(result).map(costs).join(' / ')}`);
      results.push(result);
    }
    return section(suite, results, rounds, database);
  } finally {
    await database?.stop();
  }
}

function section(
  { title, packages }: Suite,
  results: readonly ComparisonResult[],
  rounds: number,
  database: Database | undefined,
): Section {
  const columns = [
    'measure',
    'ratio (quartiles)',
    'of',
    'target',
    'reached',
    'ours / theirs',
    'requests a second',
  ];
  const costColumns = ['CPU time a request, µs', ...(database ? ['CPU time of the database, µs'] : [])];
  return {
    title,
    columns: [...columns, ...costColumns, 'share of the core'],
    rows: results.map((result) => [
      result.measure,
      ratio(result),
      result.figure,
      describeTarget(result.target),
      verdict(result),
      pair(result, ({ name }) => name),
      pair(result, ({ requestsPerSecond }) => Math.round(requestsPerSecond).toLocaleString('en')),
      pair(result, ({ cpu }) => cpu.toFixed(1)),
      ...(database ? [pair(result, ({ databaseCpu = 0 }) => databaseCpu.toFixed(1))] : []),
      pair(result, ({ busy }) => `${Math.round(busy * 100)} %`),
    ]),
    setting: describeSetting(packages, ...(database ? [database.version] : []), `${rounds} rounds`),
    measured: results,
  };
}

function ratio({ ratio, spread }: ComparisonResult): string {
  return `${ratio.toFixed(2)} (${spread.lower.toFixed(2)}–${spread.upper.toFixed(2)})`;
}

function describeTarget(target: Target | undefined): string {
  if (!target) return '–';
  return 'atLeast' in target ? `≥ ${target.atLeast}` : `≤ ${target.atMost}`;
}

function verdict({ ratio, target }: ComparisonResult): string {
  if (!target) return '–';
  return ('atLeast' in target ? ratio >= target.atLeast : ratio <= target.atMost) ? 'yes' : '**no**';
}

function pair(result: ComparisonResult, show: (side: SideResult) => string): string {
  return sides(result).map(show).join(' / ');
}

function sides({ ours, theirs }: ComparisonResult): SideResult[] {
  return [ours, theirs];
}

function costs({ cpu, databaseCpu, requestsPerSecond, busy }: SideResult): string {
  const times = [cpu, databaseCpu]
    .filter((time) => time !== undefined)
    .map((time) => `${time.toFixed(1)} µs`);
  return `${times.join(' + ')}, ${Math.round(requestsPerSecond)}/s, ${Math.round(busy * 100)} %`;
}
