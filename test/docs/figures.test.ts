import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { drawChart } from '../../bench/chart.js';
import { fillFigures, withoutFigures } from '../../bench/fill-figures.js';
import type { Results } from '../../bench/results.js';

const ROOT = new URL('../../', import.meta.url);
const results = JSON.parse(read('bench/results.json')) as Results;
const PAGES = ['README.md', 'docs/customers.md', 'docs/performance.md'];

describe('the figures of bench/results.json', () => {
  it.each(PAGES)('stand in %s as they were measured', (page) => {
    expect(read(page)).toBe(fillFigures(read(page), results));
  });

  it.each(PAGES)('are the only ones that %s quotes', (page) => {
    expect(withoutFigures(read(page)).match(MEASURED)).toBeNull();
  });

  it('are those of the chart', () => {
    const chart = new URL('docs/performance.svg', ROOT);
    expect(existsSync(chart) ? readFileSync(chart, 'utf8') : undefined).toBe(drawChart(results));
  });

  it('come with the machine and the version of Node', () => {
    for (const { machine } of Object.values(results)) expect(machine).toMatch(/ cores, .+, Node\.js \d+/);
  });
});

describe('a page that quotes a figure', () => {
  const page = '# A\n\n<!-- bench attach: side, cpu -->\n| x |\n<!-- /bench -->\n';
  const one: Results = {
    attach: { title: 'A', rows: [{ side: 'ours', cpu: 18 }], machine: 'a machine', versions: [] },
  };

  it('takes it from the suite', () => {
    expect(fillFigures(page, one)).toContain('| with | CPU time, µs |\n| --- | --- |\n| ours | 18.0 |');
  });

  it('leaves out the rows without any of the columns', () => {
    const rows = [{ side: 'ours' }, { side: 'theirs', cpu: 18 }];
    const filled = fillFigures(page, { attach: { title: 'A', rows, machine: 'a machine', versions: [] } });
    expect(filled).toContain('| --- | --- |\n| theirs | 18.0 |\n<!-- /bench -->');
  });

  it('keeps it when it is filled again', () => {
    const filled = fillFigures(page, one);
    expect(fillFigures(filled, one)).toBe(filled);
  });

  it('fails for a suite that was not measured', () => {
    expect(() => fillFigures(page, {})).toThrow('results.json has no suite attach');
  });

  it('is noticed outside of the tables', () => {
    expect('It costs 3.1 µs.'.match(MEASURED)).not.toBeNull();
    expect('A route is 1.9 times cheaper.'.match(MEASURED)).not.toBeNull();
  });
});

/** Text such as "3.1 µs", "290 bytes", "2 GB", "1.9 times". */
const MEASURED = /\d[\d.,]*\s?(µs|ns|microseconds|bytes|MB|GB|×|times)(?![\w])/;

function read(path: string): string {
  return readFileSync(new URL(path, ROOT), 'utf8');
}
