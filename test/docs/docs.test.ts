import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { anchorsOf, block, blocksOf, PAGES, proseOf, readPage } from './docs-pages.js';
import { typeErrors } from './type-errors.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const blocks = PAGES.flatMap(blocksOf);
const samples = blocks.filter(({ language }) => language === 'ts');
const all = readdirSync(new URL('../../docs/', import.meta.url)).filter((file) => file.endsWith('.md'));

describe('the code of docs/', () => {
  it('type-checks, every block', () => {
    const nest = ['nest', 'customer-guard', 'session-error-filter'].map((name) =>
      block('integrations.md', name),
    );
    const refuse = block('security.md', 'refuse-other-sites');
    const forTesting = [...nest, refuse].map((sample) => ({ ...sample, page: 'testing.md' }));
    const forDeployment = { ...block('stores.md', 'node-redis'), page: 'deployment.md' };
    expect(typeErrors([...samples, ...forTesting, forDeployment])).toEqual([]);
  });

  it('is valid where it is JSON', () => {
    for (const { language, text } of blocks) if (language === 'json') JSON.parse(text);
  });

  it('has no block that no test runs or compares', () => {
    const folder = new URL('.', import.meta.url);
    const sources = readdirSync(folder).map((file) => readFileSync(new URL(file, folder), 'utf8'));
    const idle = samples.filter(({ name }) => {
      const isImported = samples.some(({ text }) => text.includes(`'./${name}.js'`));
      const isNamed = sources.some((source) => source.includes(`'${name}'`));
      return !isImported && !isNamed;
    });
    expect(idle.map(({ page, name }) => `${page} ${name}`)).toEqual([]);
  });

  it('ends no process by what throws after the session is changed: the response is written before the catch', () => {
    const texts = [...blocks.map(({ text }) => text), readFileSync(`${ROOT}/README.md`, 'utf8')];
    expect(texts.filter((text) => /\.then\(.*, next\)/.test(text))).toEqual([]);
  });

  it('has no default for a secret', () => {
    for (const { page, name, text } of samples.filter(({ page }) => page !== 'testing.md')) {
      expect(text, `${page} ${name}`).not.toMatch(/secret: '|(SECRET|KEY)\w* *(\?\?|\|\|) *'/);
    }
  });
});

describe('the pages of docs/', () => {
  // Others begin with a chart, or a list of what is in them.
  const others = ['README.md', 'performance.md', 'compliance.md'];

  it.each(all.filter((page) => !others.includes(page)))('%s begins with its code, or a table', (page) => {
    expect(readPage(page).slice(0, 600)).toMatch(/^(```|\|)/m);
  });

  it('link to what is there', () => {
    for (const page of all) {
      for (const [, target = ''] of proseOf(page).matchAll(/\]\(([^)]+)\)/g)) {
        if (/^https?:/.test(target)) continue;
        const [path = '', anchor] = target.split('#');
        const file = `${ROOT}docs/${path || page}`;
        expect(existsSync(file), `${page}: ${target}`).toBe(true);
        if (anchor) expect(anchorsOf(readFileSync(file, 'utf8')), `${page}: ${target}`).toContain(anchor);
      }
    }
  });

  it('link to each other and to what the package contains, as only that is in node_modules', () => {
    for (const page of all) {
      const outside = [...proseOf(page).matchAll(/\]\((\.\.\/[^)#]+)/g)].map(([, target]) => target);
      for (const target of outside) expect(['../README.md', '../CHANGELOG.md'], page).toContain(target);
    }
  });

  it('are all in the index once, in the groups of the README', () => {
    const groups = readPage('README.md').split(/^## /m).slice(1);
    const index = groups.map((group) =>
      [...group.matchAll(/^- \[[^\]]+\]\((.+?)\): \S/gm)].map(([, page]) => page),
    );
    expect(index.flat().sort()).toEqual(all.filter((page) => page !== 'README.md').sort());
    const [, readme = ''] = readFileSync(`${ROOT}README.md`, 'utf8').split('\n## Documentation\n');
    const lines = [...readme.matchAll(/^- .*$/gm)].map(([line]) =>
      [...line.matchAll(/\(docs\/([^)]+)\)/g)].map(([, page]) => page),
    );
    expect(index.map((pages) => pages.sort())).toEqual(lines.map((pages) => pages.sort()));
  });
});
