import { describe, expect, it } from 'vitest';
import { sessionStoreCases } from '../../src/testing/index.js';
import { BROKEN_STORES } from './broken-stores.js';
import { proseOf } from './docs-pages.js';
import { runBlock } from './run-block.js';

const PAGE = 'store-authors.md';

describe('the store of the page', () => {
  it('passes every case of the kit', async () => {
    const cases: [string, () => Promise<void>][] = [];
    const test = (name: string, run: () => Promise<void>) => cases.push([name, run]);
    runBlock(PAGE, 'kit', { modules: { 'node:test': { test } } });
    expect(cases.length).toBeGreaterThan(100);
    const messages = cases.map(([name, run]) =>
      run().then(
        () => [],
        (error: Error) => [`${name}: ${error.message}`],
      ),
    );
    expect((await Promise.all(messages)).flat()).toEqual([]);
  });
});

describe('a mistake of the page', () => {
  const [, below = ''] = proseOf(PAGE).split('\n## Common mistakes\n');
  const [section = ''] = below.split(/^## /m);
  const mistakes = section
    .split(/^### /m)
    .slice(1)
    .map((text) => text.replaceAll('\n  ', ' '))
    .map((text) => ({
      heading: text.slice(0, text.indexOf('\n')),
      name: /^- Case: (`+) ?(.*?) ?\1$/m.exec(text)?.[2],
      message: /^- Says: `(.*)`$/m.exec(text)?.[1],
    }));

  it('has a store that makes it, each one', () => {
    expect(mistakes.map(({ heading }) => heading).sort()).toEqual(Object.keys(BROKEN_STORES).sort());
  });

  it.concurrent.each(mistakes)(
    '$heading: fails the case as the page says',
    async ({ heading, name, message = '' }) => {
      const createStore = BROKEN_STORES[heading];
      if (!createStore) throw new Error('no such store');
      const found = sessionStoreCases(createStore).find((each) => each.name === name);
      const error: Error | undefined = await found?.run().then(
        () => new Error('it passed'),
        (failure) => failure,
      );
      for (const part of message.split('…')) expect(error?.message).toContain(part);
    },
  );
});
