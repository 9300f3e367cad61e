import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { anchorsOf, blocksOf, PAGES, proseOf, readPage } from './docs-pages.js';
import { typeErrors } from './type-errors.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const blocks = PAGES.flatMap(blocksOf);

describe('the code of docs/', () => {
  it('type-checks, every block', () => {
    expect(typeErrors(blocks.filter(({ language }) => language === 'ts'))).toEqual([]);
  });

  it('is in languages that are run or compared by tests', () => {
    expect([...new Set(blocks.map(({ language }) => language))].sort()).toEqual(['json', 'sql', 'ts']);
    for (const { language, text } of blocks) if (language === 'json') JSON.parse(text);
  });

  it('has no block that no test runs or compares', () => {
    const folder = new URL('.', import.meta.url);
    const sources = readdirSync(folder).map((file) => readFileSync(new URL(file, folder), 'utf8'));
    const pages = blocks.map(({ text }) => text);
    const idle = blocks.filter(({ name, language }) => {
      const isImported = pages.some((text) => text.includes(`'./${name}.js'`));
      const isNamed = sources.some((source) => source.includes(`'${name}'`));
      return language === 'ts' && !isImported && !isNamed;
    });
    expect(idle.map(({ page, name }) => `${page} ${name}`)).toEqual([]);
  });
});

describe('the pages of docs/', () => {
  it('link to what is there', () => {
    for (const page of PAGES) {
      for (const [, target = ''] of proseOf(page).matchAll(/\]\(([^)]+)\)/g)) {
        if (/^https?:/.test(target)) continue;
        const [path = '', anchor] = target.split('#');
        const file = `${ROOT}docs/${path || page}`;
        expect(existsSync(file), `${page}: ${target}`).toBe(true);
        if (anchor) expect(anchorsOf(readFileSync(file, 'utf8')), `${page}: ${target}`).toContain(anchor);
      }
    }
  });

  it('are all in the index, and the index names no other', () => {
    const linked = [...readPage('README.md').matchAll(/^## \[.*\]\((.+)\)$/gm)].map(([, target]) => target);
    const all = readdirSync(new URL('../../docs/', import.meta.url));
    const pages = all.filter((file) => file.endsWith('.md') && file !== 'README.md');
    for (const page of PAGES) if (page !== 'README.md') expect(linked).toContain(page);
    for (const page of linked) expect(pages).toContain(page);
  });
});
