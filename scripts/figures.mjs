// npm run figures: puts what figures/*.json hold into one table of docs/stores.md, between the two comments.
// A file is { title, columns: [{ key, heading }, …], rows: [{ store, [key]: value, … }, …] }, a column whose heading is its key
// its name alone. Where several files have a row of a store, they come under each other.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';

const ROOT = new URL('../', import.meta.url);
const PAGE = new URL('docs/stores.md', ROOT);
const [START, END] = ['<!-- figures -->', '<!-- /figures -->'];

const files = readdirSync(new URL('figures/', ROOT))
  .filter((name) => name.endsWith('.json'))
  .sort()
  .map((name) => JSON.parse(readFileSync(new URL(`figures/${name}`, ROOT), 'utf8')));
const page = readFileSync(PAGE, 'utf8');
const [before, rest] = page.split(START);
const after = rest?.split(END)[1];
if (after === undefined) throw new Error(`docs/stores.md must have ${START}, and ${END} after it`);
writeFileSync(PAGE, `${before}${START}\n${table(files)}\n${END}${after}`);

/** A column for each store, and a line for each figure: the stores are few and the figures many. */
function table(files) {
  const stores = [...new Set(files.flatMap(({ rows }) => rows.map(({ store }) => store)))];
  const lines = files.flatMap(({ title, columns, rows }) => [
    [`**${title}**`, ...stores.map(() => '')],
    ...columns
      .map(named)
      .map(({ key, heading }) => [heading, ...stores.map((store) => find(rows, store)[key])]),
  ]);
  return [['', ...stores], ['---', ...stores.map(() => '---')], ...lines].map(row).join('\n');
}

function named(column) {
  return typeof column === 'string' ? { key: column, heading: column } : column;
}

function find(rows, store) {
  return rows.find((row) => row.store === store) ?? {};
}

function row(cells) {
  return `| ${cells.map(cell).join(' | ')} |`;
}

/** What a store was not asked is a dash. */
function cell(value) {
  if (value === undefined || value === null) return '–';
  const text = typeof value === 'number' ? value.toLocaleString('en') : String(value);
  return text.replaceAll('|', '\\|').replaceAll(/\s+/g, ' ');
}
