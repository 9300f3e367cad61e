import { describe, expect, it } from 'vitest';
import type { CreateStore, SessionStoreCase } from '../../src/testing/index.js';
import type { Fault, Faults } from './fault.js';
import { isFailed } from './is-failed.js';
import { atADistance, createReferenceStore, type FullStore, type Plant } from './reference-store.js';

const LIMIT = 60_000;

/** A kit is proved: a store that is broken in one way fails the cases named for it, and no other. */
export function proveKit(
  kit: (createStore: CreateStore<FullStore>) => SessionStoreCase[],
  faults: Faults,
): void {
  const cases = kit(() => createReferenceStore({}));
  const promises = new Set(cases.map(({ promise }) => promise));
  const rows = Object.entries(faults).flatMap(([promise, list]) =>
    list.map((fault) => ({ promise, ...fault, name: `${promise} | ${fault.fault}` })),
  );

  function casesOf(promise: string): string[] {
    return cases.filter((aCase) => aCase.promise === promise).map(({ name }) => name);
  }

  function expected({ promise, in: situations, also = [] }: Fault & { promise: string }): string[] {
    const own = situations ? situations.map((situation) => `${promise}: ${situation}`) : casesOf(promise);
    return [...new Set([...own, ...also.flatMap((name) => (promises.has(name) ? casesOf(name) : [name]))])];
  }

  /** Runs all cases at once. Where a store differs from what is expected of it. */
  async function differences(
    createStore: CreateStore<FullStore>,
    names: readonly string[],
  ): Promise<string[]> {
    const outcomes = kit(createStore).map(async (aCase) => {
      const isExpected = names.includes(aCase.name);
      return (await isFailed(aCase)) === isExpected ? [] : `${isExpected ? 'passes' : 'fails'} ${aCase.name}`;
    });
    return (await Promise.all(outcomes)).flat();
  }

  /** Fails unless exactly these cases fail, both if the store returns at once and if it returns later. */
  async function expectFailures(names: readonly string[], plant?: Plant): Promise<void> {
    const [atOnce, later] = await Promise.all([
      differences((timeouts) => createReferenceStore(timeouts, plant), names),
      differences((timeouts) => createReferenceStore(timeouts, plant, atADistance), names),
    ]);
    const all = [...atOnce.map((text) => `at once: ${text}`), ...later.map((text) => `later: ${text}`)];
    expect(all, all.join('\n')).toEqual([]);
  }

  describe('a store', () => {
    it('without a fault fails no case', { timeout: LIMIT }, async () => {
      await expectFailures([]);
    });

    it.concurrent.each(rows)('fails exactly the cases of $name', { timeout: LIMIT }, async (row) => {
      await expectFailures(expected(row), row.plant);
    });
  });

  describe('the faults', () => {
    it('are of every promise, and of no other', () => {
      expect(Object.keys(faults).sort()).toEqual([...promises].sort());
    });

    it('break each promise in some way that breaks nothing else', () => {
      const narrow = rows.filter(({ also }) => also === undefined).map(({ promise }) => promise);
      expect([...promises].filter((promise) => !narrow.includes(promise))).toEqual([]);
    });

    it('make every case fail', () => {
      const failed = new Set(rows.flatMap(expected));
      const passed = cases.map(({ name }) => name).filter((name) => !failed.has(name));
      expect(passed, passed.join('\n')).toEqual([]);
    });

    it('name cases that exist', () => {
      const known = new Set(cases.map(({ name }) => name));
      const unknown = rows.flatMap(expected).filter((name) => !known.has(name));
      expect(unknown, unknown.join('\n')).toEqual([]);
    });
  });
}
