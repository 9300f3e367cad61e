// npm run figures: puts what figures/*.json hold into the tables of docs/*.md, between two comments.
// A file is { title, columns: [{ key, heading }, …], rows: [{ [key]: value, … }, …] }, a column whose heading is its key its name
// alone. <!-- figures NAME --> takes the table of figures/NAME.json, a line for each row. <!-- figures --> takes one table of all
// files whose rows name a store: a column for each store, as the stores are few and the figures many.
// <!-- figures bench/SUITE --> takes a table of bench/results.json, which has its rows as cells, and says what it ran on.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';

const DOCS = new URL('../docs/', import.meta.url);
const FIGURES = new URL('../figures/', import.meta.url);
const BENCH = JSON.parse(readFileSync(new URL('../bench/results.json', import.meta.url), 'utf8'));
const PLACE = /<!-- figures( [a-z/-]+)? -->\n[\s\S]*?<!-- \/figures -->/g;

for (const name of namesIn(DOCS, '.md')) {
  const url = new URL(`${name}.md`, DOCS);
  const page = readFileSync(url, 'utf8');
  const filled = page.replaceAll(PLACE, (_, of) => {
    const table = of === undefined ? tableByStore(allOfStores()) : tableNamed(of.trim());
    return `<!-- figures${of ?? ''} -->\n${table}\n<!-- /figures -->`;
  });
  if (filled !== page) writeFileSync(url, filled);
}

function tableNamed(name) {
  if (!name.startsWith('bench/')) return tableOf(read(name));
  const { columns, rows, setting } = BENCH[name.slice('bench/'.length)];
  return `${[columns, columns.map(() => '---'), ...rows].map(row).join('\n')}\n\nOn ${setting}.`;
}

function tableOf({ columns, rows }) {
  const named = columns.map(withHeading);
  return [
    named.map(({ heading }) => heading),
    named.map(() => '---'),
    ...rows.map((values) => named.map(({ key }) => values[key])),
  ]
    .map(row)
    .join('\n');
}

function tableByStore(files) {
  const stores = [...new Set(files.flatMap(({ rows }) => rows.map(({ store }) => store)))];
  const lines = files.flatMap(({ title, columns, rows }) => [
    [`**${title}**`, ...stores.map(() => '')],
    ...columns
      .map(withHeading)
      .map(({ key, heading }) => [heading, ...stores.map((store) => find(rows, store)[key])]),
  ]);
  return [['', ...stores], ['---', ...stores.map(() => '---')], ...lines].map(row).join('\n');
}

function allOfStores() {
  return namesIn(FIGURES, '.json')
    .map(read)
    .filter(({ rows }) => rows.every(({ store }) => store !== undefined));
}

function namesIn(folder, extension) {
  return readdirSync(folder)
    .filter((name) => name.endsWith(extension))
    .map((name) => name.slice(0, -extension.length))
    .sort();
}

function read(name) {
  return JSON.parse(readFileSync(new URL(`${name}.json`, FIGURES), 'utf8'));
}

function withHeading(column) {
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
