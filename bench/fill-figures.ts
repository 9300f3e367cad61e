import type { Results, Row, Section } from './results.js';

/**
 * The page with what results.json holds between its markers: `<!-- bench SUITE: COLUMN, COLUMN -->` takes a table and
 * `<!-- bench SUITE: machine -->` a line on where it was measured, each up to `<!-- /bench -->`.
 */
export function fillFigures(page: string, results: Results): string {
  return page.replaceAll(MARKED, (_, suite: string, columns: string) => {
    const section = results[suite];
    if (!section) throw new Error(`results.json has no suite ${suite}`);
    const text = columns === 'machine' ? describeSetting(section) : table(section.rows, columns.split(', '));
    return `<!-- bench ${suite}: ${columns} -->\n${text}\n<!-- /bench -->`;
  });
}

/** The page without its markers and what is between them. */
export function withoutFigures(page: string): string {
  return page.replaceAll(MARKED, '');
}

/** A table in Markdown, of the rows that have any of the columns after the first. Without `columns`, of all that any row has. */
export function table(rows: readonly Row[], columns = [...new Set(rows.flatMap(Object.keys))]): string {
  const cells = [
    columns.map((column) => HEADINGS[column] ?? column),
    columns.map(() => '---'),
    ...rows
      .filter((row) => columns.slice(1).some((column) => row[column] !== undefined))
      .map((row) => columns.map((column) => cell(row[column], column))),
  ];
  return cells.map((line) => `| ${line.join(' | ')} |`).join('\n');
}

export function describeSetting({ machine, versions }: Section): string {
  return `Measured on ${[machine, ...versions].join('; ')}.`;
}

const MARKED = /<!-- bench ([a-z]+): ([A-Za-z, ]+) -->\n[\s\S]*?<!-- \/bench -->/g;

const HEADINGS: Record<string, string> = {
  side: 'with',
  cpu: 'CPU time, µs',
  databaseCpu: 'of the database, µs',
  total: 'together, µs',
  ratio: 'ratio to ours',
  further: 'each further middleware, µs',
  perSecond: 'requests a second',
  atOnce: 'calls at a time',
  perCore: 'a core does, a second',
  bytes: 'bytes a session',
  halfFull: 'cores, half full',
  gigabytes: 'GB',
  create: 'create, µs',
  createNamed: 'create with a customerId, µs',
  update: 'update, µs',
  updateNamed: 'update with a customerId, µs',
  updateCpu: 'CPU time of the database for such an update, 16 at a time, µs',
  listAmongFew: 'a list of five sessions among 1,000, µs',
  listAmongMany: 'among 1,000,000, µs',
  listOfAny: 'of customers listed once, µs',
  listRatio: 'ratio',
  indexBytes: 'bytes a session for the index, customers with five',
  indexBytesOfOne: 'customers with one',
};

/** Columns whose numbers show a fixed number of digits. */
const DIGITS: Record<string, number> = {
  cpu: 1,
  databaseCpu: 1,
  total: 1,
  ratio: 2,
  lowest: 2,
  highest: 2,
  further: 2,
  create: 1,
  createNamed: 1,
  update: 1,
  updateNamed: 1,
  updateCpu: 1,
  listAmongFew: 1,
  listAmongMany: 1,
  listOfAny: 1,
  listRatio: 2,
  share: 1,
};

function cell(value: string | number | undefined, column: string): string {
  if (value === undefined) return '–';
  if (typeof value === 'string') return value.replaceAll('|', '\\|');
  const digits = DIGITS[column];
  return digits === undefined ? value.toLocaleString('en') : value.toFixed(digits);
}
