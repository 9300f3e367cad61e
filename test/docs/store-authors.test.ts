import { describe, expect, it, onTestFinished, vi } from 'vitest';
import type { SessionStore } from '../../src/index.js';
import { type SessionStoreCase, sessionStoreCases } from '../../src/testing/index.js';
import { needs } from '../servers/needs.js';
import { startPostgres } from '../servers/postgres.js';
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
  await Promise.all(Array.from({ length: 20 }, work));
  return failures;
}

needs('postgres')('the store in SQL', () => {
  it('passes every case of both kits', { timeout: 120_000 }, async () => {
    const server = await startPostgres();
    let closePool: (() => Promise<void>) | undefined;
    onTestFinished(async () => {
      await closePool?.();
      await server.stop();
    });
    vi.stubEnv('TEST_DATABASE_URL', server.url);
    const cases: Pick<SessionStoreCase, 'name' | 'run'>[] = [];
    const test = (name: string, run: () => Promise<void>) => cases.push({ name, run });
    const after = (close: () => Promise<void>) => {
      closePool = close;
    };
    // As for a slow backend, so that other tests at the same time do not matter.
    const replace = {
      'of sessionStoreCases(createStore)': 'of sessionStoreCases(createStore, { pace: 60 })',
      'of customerSessionsCases(createStore)': 'of customerSessionsCases(createStore, { pace: 60 })',
    };
    runBlock(PAGE, 'kit', { replace, modules: { 'node:test': { test, after } } });
    expect(cases.length).toBeGreaterThan(150);
    expect(await failuresOf(cases)).toEqual([]);
  });
});

describe('the store over a cache with three methods', () => {
  it('passes every case', async () => {
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

  it('rejects if an entry is no JSON', async () => {
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
    .map((text) => ({
      heading: text.slice(0, text.indexOf('\n')),
      name: /^Case: (`+) ?(.*?) ?\1$/m.exec(text)?.[2],
    }));

  it('has a store that makes it, each one', () => {
    expect(mistakes.map(({ heading }) => heading).sort()).toEqual(Object.keys(BROKEN_STORES).sort());
  });

  it.concurrent.each(mistakes)('$heading: fails the case of the page', async ({ heading, name }) => {
    const createStore = BROKEN_STORES[heading];
    if (!createStore) throw new Error('no such store');
    const found = sessionStoreCases(createStore).find((each) => each.name === name);
    await expect(found?.run()).rejects.toThrow(/^(store\.|of 8 concurrent creates|createdAt must be)/);
  });
});
