import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** A line of a table: its cells by column. */
export type Row = Readonly<Record<string, string | number>>;

/** What a suite measured, and where. */
export interface Section {
  readonly title: string;
  readonly rows: readonly Row[];
  /** Processor, number of cores, operating system and Node. */
  readonly machine: string;
  readonly versions: readonly string[];
}

/** What a suite returns. */
export type Measured = Omit<Section, 'machine'>;

/** The sections by the name of their suite. */
export type Results = Readonly<Record<string, Section>>;

const FILE = fileURLToPath(new URL('results.json', import.meta.url));

export function readResults(): Results {
  return existsSync(FILE) ? (JSON.parse(readFileSync(FILE, 'utf8')) as Results) : {};
}

export function writeResults(results: Results): void {
  writeFileSync(FILE, `${JSON.stringify(results, null, 2)}\n`);
}
