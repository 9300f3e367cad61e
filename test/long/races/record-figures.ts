import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';

/** `npm run test:races` sets it: then the tests take their time, and their figures go to bench/TRIED.md. */
export const isLong: boolean = process.env.LONG === '1';

export type StoreName = (typeof STORES)[number];
export type RaceFigures = Partial<Record<(typeof COLUMNS)[number], string | number>>;

/**
 * Puts figures of one store in figures/races.json, in place of its last ones, in a long run. One test file at a time may do
 * so. `npm run figures` makes the table.
 */
export function recordFigures(store: StoreName, figures: RaceFigures): void {
  if (!isLong) return;
  const recorded = readRows();
  const rows = STORES.flatMap((name) => {
    const row = recorded.find((row) => row.store === name);
    if (name !== store) return row ? [row] : [];
    return [{ ...row, store, ...figures }];
  });
  mkdirSync(new URL('.', FILE), { recursive: true });
  writeFileSync(FILE, `${JSON.stringify({ title: 'Races', columns: COLUMNS, rows }, null, 2)}\n`);
}

const STORES = [
  'Redis (node-redis)',
  'PostgreSQL (pg)',
  'SQLite (libsql)',
  'express-session (connect-redis)',
  'memory',
] as const;
const COLUMNS = [
  'run on',
  'date',
  'processes, with four clients',
  'fresh sessions that all four POST to',
  'members there at the end',
  'answers 201',
  'made by another than the first to ask',
  'reads of members written together',
  'reads that saw them apart',
  'orders of commands, scripted',
  'interleavings with a wrong outcome',
  'random histories',
  'calls in them',
  'calls given up unanswered',
  'histories not linearizable',
] as const;
const FILE = new URL('../../../figures/races.json', import.meta.url);

function readRows(): (RaceFigures & { store: StoreName })[] {
  try {
    return JSON.parse(readFileSync(FILE, 'utf8')).rows;
  } catch {
    return [];
  }
}
