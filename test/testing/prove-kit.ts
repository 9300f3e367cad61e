import { describe, expect, it } from 'vitest';
import { StalledError } from '../../src/testing/harness/case-time.js';
import { TimeLimitError } from '../../src/testing/harness/settle-within.js';
import type { CreateStore, SessionStoreCase } from '../../src/testing/index.js';
import type { Fault, Faults } from './fault.js';
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

  /** Runs all cases at once. A case that ran out of time says nothing of the store, as no fault is slow: then again. */
  async function failingOn(createStore: CreateStore<FullStore>): Promise<string[]> {
    for (let attempt = 1; ; attempt++) {
      const outcomes = await Promise.allSettled(kit(createStore).map(({ run }) => run()));
      const isSlow = outcomes.some((outcome) => outcome.status === 'rejected' && isOutOfTime(outcome.reason));
      if (isSlow && attempt < 8) continue;
      return cases.filter((_, index) => outcomes[index]?.status === 'rejected').map(({ name }) => name);
    }
  }

  /** The names of the cases that a store fails, both if it returns at once and if it returns later. */
  async function failing(plant?: Plant): Promise<{ atOnce: string[]; later: string[] }> {
    const [atOnce, later] = await Promise.all([
      failingOn((timeouts) => createReferenceStore(timeouts, plant)),
      failingOn((timeouts) => createReferenceStore(timeouts, plant, atADistance)),
    ]);
    return { atOnce: atOnce.sort(), later: later.sort() };
  }

  describe('a store', () => {
    it('without a fault fails no case', { timeout: LIMIT }, async () => {
      expect(await failing()).toEqual({ atOnce: [], later: [] });
    });

    it.concurrent.each(rows)('fails exactly the cases of $name', { timeout: LIMIT }, async (row) => {
      const names = expected(row).sort();
      expect(await failing(row.plant)).toEqual({ atOnce: names, later: names });
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
      expect(cases.map(({ name }) => name).filter((name) => !failed.has(name))).toEqual([]);
    });

    it('name cases that exist', () => {
      const known = new Set(cases.map(({ name }) => name));
      expect(rows.flatMap(expected).filter((name) => !known.has(name))).toEqual([]);
    });
  });
}

function isOutOfTime(error: unknown): boolean {
  return error instanceof StalledError || error instanceof TimeLimitError;
}
