import { PGlite } from '@electric-sql/pglite';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { SessionStore } from '../../src/index.js';
import { type SessionStoreCase, sessionStoreCases } from '../../src/testing/index.js';
import { BROKEN_STORES } from './broken-stores.js';
import { proseOf } from './docs-pages.js';
import { runBlock } from './run-block.js';

const PAGE = 'store-authors.md';

/** Some at a time, so that a busy machine keeps to the schedule of a case. */
async function failuresOf(cases: readonly Pick<SessionStoreCase, 'name' | 'run'>[]): Promise<string[]> {
  const rest = [...cases];
  const failures: string[] = [];
  async function work(): Promise<void> {
    for (let next = rest.pop(); next; next = rest.pop()) {
      const { name, run } = next;
      await run().catch((error: Error) => failures.push(`${name}: ${error.message}`));
    }
  }
  await Promise.all(Array.from({ length: 50 }, work));
  return failures;
}

describe('the stores of the page', () => {
  it('the one in SQL passes every case of both kits', async () => {
    const database = new PGlite();
    onTestFinished(() => database.close());
    class Pool {
      query(text: string, values?: unknown[]) {
        return values ? database.query(text, values) : database.exec(text);
      }
    }
    const cases: Pick<SessionStoreCase, 'name' | 'run'>[] = [];
    const test = (name: string, run: () => Promise<void>) => cases.push({ name, run });
    const after = () => {};
    runBlock(PAGE, 'kit', { modules: { 'node:test': { test, after }, pg: { Pool } } });
    expect(cases.length).toBeGreaterThan(150);
    expect(await failuresOf(cases)).toEqual([]);
  });

  it('the one over a cache with three methods passes every case', async () => {
    const entries = new Map<string, string>();
    const cache = {
      get: async (key: string) => entries.get(key),
      set: async (key: string, value: string) => entries.set(key, value),
      delete: async (key: string) => entries.delete(key),
    };
    type Exports = { createCacheStore(of: typeof cache, timeouts: object): SessionStore };
    const { createCacheStore } = runBlock<Exports>(PAGE, 'three-methods');
    const cases = sessionStoreCases((timeouts) => createCacheStore(cache, timeouts));
    expect(await failuresOf(cases)).toEqual([]);
  });

  it('an entry that is no JSON is a failure of the backend', async () => {
    const { createCacheStore } = runBlock<{ createCacheStore(of: object): SessionStore }>(
      PAGE,
      'three-methods',
    );
    const store = createCacheStore({ get: async () => '{' });
    await expect(store.get('id')).rejects.toThrow(SyntaxError);
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
