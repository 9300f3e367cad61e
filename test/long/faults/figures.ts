import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { LONG } from './long.js';
import type { Outcome } from './run-fault.js';

type Row = Record<string, string>;

/** Adds cells to a store's row of figures/faults.json, which the long run makes. Prints them in any case. */
export function recordFigures(store: string, cells: Row): void {
  console.log(`${store}: ${JSON.stringify(cells)}`);
  if (!LONG) return;
  const rows = readRows();
  const row = rows.find((one) => one.store === store) ?? { store };
  if (!rows.includes(row)) rows.push(row);
  Object.assign(row, cells);
  mkdirSync(new URL('.', FILE), { recursive: true });
  const text = JSON.stringify({ title: TITLE, columns: columnsOf(rows), rows }, undefined, 2);
  writeFileSync(new URL('faults.json.new', FILE), `${text}\n`);
  renameSync(fileURLToPath(new URL('faults.json.new', FILE)), fileURLToPath(FILE));
}

/** What came of all faults of a file, one line for each, and each store's worst for the table. */
export function recordOutcomes(outcomes: readonly Outcome[]): void {
  for (const outcome of outcomes) console.log(lineOf(outcome));
  for (const store of new Set(outcomes.map((outcome) => outcome.store))) {
    recordFigures(store, summary(outcomes.filter((outcome) => outcome.store === store)));
  }
}

const FILE = new URL('../../../figures/faults.json', import.meta.url);
const TITLE = 'Faults of the store, at 1 and at 50 requests a second';
const TOTALS = {
  answers: 'answers during faults',
  right: 'of these right, the others 503',
  wrong: 'hung requests, other statuses, unhandled rejections',
  lost: 'acknowledged sessions, of these lost by faults',
  killed: 'acknowledged sessions, of these lost by kill -9 of the app in the midst of writes',
};

/** A column for each fault that a row has, then the totals. */
function columnsOf(rows: readonly Row[]) {
  const keys = new Set(rows.flatMap((row) => Object.keys(row)));
  const faults = [...keys].filter((key) => key !== 'store' && !(key in TOTALS));
  return [
    ...faults.map((key) => ({
      key,
      heading: `${key}: latest response after \`storeTimeout\`, recovered after`,
    })),
    ...Object.entries(TOTALS).map(([key, heading]) => ({ key, heading })),
  ];
}

function readRows(): Row[] {
  try {
    return JSON.parse(readFileSync(FILE, 'utf8')).rows;
  } catch {
    return [];
  }
}

function lineOf(outcome: Outcome): string {
  const {
    store,
    fault,
    rate,
    answers,
    right,
    latest,
    latestUnexcused,
    goodAfter,
    hung,
    others,
    lost,
    acknowledged,
    errors,
  } = outcome;
  const counts = `${answers} answers, ${right} right, ${hung} hung, ${others.length} others, latest +${latest} ms (less stalls +${latestUnexcused})`;
  const after = `good after ${goodAfter} ms, ${lost} of ${acknowledged} lost`;
  return `${store}, ${fault}, ${rate}/s: ${counts}, ${after} ${JSON.stringify(errors)}`;
}

function summary(outcomes: readonly Outcome[]): Row {
  const sum = (of: (outcome: Outcome) => number) =>
    outcomes.reduce((total, outcome) => total + of(outcome), 0);
  const unhandled = Math.max(...outcomes.map((outcome) => outcome.unhandled.length));
  const others = sum((outcome) => outcome.others.length);
  const faults = [...new Set(outcomes.map(({ fault }) => fault))];
  return {
    ...Object.fromEntries(
      faults.map((name) => [name, worst(outcomes.filter(({ fault }) => fault === name))]),
    ),
    answers: `${sum(({ answers }) => answers)}`,
    right: `${sum(({ right }) => right)}`,
    wrong: `${sum(({ hung }) => hung)}, ${others}, ${unhandled}`,
    lost: `${sum(({ acknowledged }) => acknowledged)}, ${sum(({ lost }) => lost)}`,
  };
}

/** The worse of the two rates. */
function worst(outcomes: readonly Outcome[]): string {
  const latest = Math.max(...outcomes.map((outcome) => outcome.latest));
  const goodAfter = Math.max(...outcomes.map((outcome) => outcome.goodAfter));
  const unexcused = Math.max(...outcomes.map((outcome) => outcome.latestUnexcused));
  const stalled = latest > unexcused ? ` (+${unexcused} less stalls of the machine)` : '';
  return `+${latest} ms${stalled}, ${(goodAfter / 1000).toFixed(1)} s`;
}
