// npm run figures: puts what figures/*.json hold into the tables of docs/*.md and bench/TRIED.md, between two comments.
// <!-- figures NAME --> takes the table of figures/NAME.json: { title, columns: [{ key, heading }, …], rows: [{ [key]: value, … }, …] };
// a column may be its key alone. If every row names a store, the stores become the columns. <!-- figures NAME: KEY; KEY --> takes some
// columns only. The tables of bench/results.json have a generator of their own: npm run bench:pages.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';

const ROOT = new URL('../', import.meta.url);
const PLACE = /<!-- figures ([a-z-]+)(?:: (.+))? -->\n[\s\S]*?<!-- \/figures -->/g;

for (const path of [...markdownIn('docs/'), 'bench/TRIED.md']) {
  const url = new URL(path, ROOT);
  const page = readFileSync(url, 'utf8');
  const filled = page.replaceAll(PLACE, (_, name, keys) => {
    const place = keys === undefined ? name : `${name}: ${keys}`;
    return `<!-- figures ${place} -->\n${tableOf(name, keys?.split('; '))}\n<!-- /figures -->`;
  });
  if (filled !== page) writeFileSync(url, filled);
}

function tableOf(name, keys) {
  const { columns: all, rows } = JSON.parse(readFileSync(new URL(`figures/${name}.json`, ROOT), 'utf8'));
  const columns = all.map((column) =>
    typeof column === 'string' ? { key: column, heading: column } : column,
  );
  const chosen = keys ? keys.map((key) => findColumn(name, columns, key)) : columns;
  const lines = rows.every(({ store }) => store !== undefined)
    ? byStore(chosen, rows)
    : [chosen.map(({ heading }) => heading), ...rows.map((values) => chosen.map(({ key }) => values[key]))];
  const [head, ...body] = lines;
  return [head, head.map(() => '---'), ...body].map(row).join('\n');
}

function findColumn(name, columns, key) {
  const found = columns.find((column) => column.key === key);
  if (!found) throw new Error(`figures/${name}.json has no column "${key}"`);
  return found;
}

/** A line for each column and a column for each store, as the stores are few and the figures many. */
function byStore(columns, rows) {
  const measured = rows.filter((values) => columns.some(({ key }) => values[key] !== undefined));
  return [
    ['', ...measured.map(({ store }) => store)],
    ...columns.map(({ key, heading }) => [heading, ...measured.map((values) => values[key])]),
  ];
}

function markdownIn(folder) {
  return readdirSync(new URL(folder, ROOT))
    .filter((name) => name.endsWith('.md'))
    .map((name) => folder + name);
}

function row(cells) {
  return `| ${cells.map(cell).join(' | ')} |`;
}

/** What was not measured for a store is a dash. */
function cell(value) {
  if (value === undefined || value === null) return '–';
  const text = typeof value === 'number' ? value.toLocaleString('en') : String(value);
  return text.replaceAll('|', '\\|').replaceAll(/\s+/g, ' ');
}
