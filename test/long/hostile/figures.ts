import { writeFileSync } from 'node:fs';

/** Whether this is the long run: `npm run test:hostile`. */
export const isLong: boolean = process.env.LONG === '1';

/** Writes a table to figures/NAME.json, in a long run. `npm run figures` brings it into the docs. */
export function recordFigures(name: string, title: string, rows: readonly Record<string, unknown>[]): void {
  console.table(rows);
  if (!isLong) return;
  const table = { title, columns: Object.keys(rows[0] ?? {}), rows };
  writeFileSync(
    new URL(`../../../figures/${name}.json`, import.meta.url),
    `${JSON.stringify(table, null, 2)}\n`,
  );
}

/** The value that this part of the values, 0 to 1, does not exceed. */
export function quantile(values: readonly number[], part: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? Number.NaN;
}

/** Milliseconds for a table. */
export function ms(value: number): string {
  return `${value.toFixed(value < 10 ? 2 : 0)} ms`;
}
