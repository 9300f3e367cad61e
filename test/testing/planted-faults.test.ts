import { describe, expect, it } from 'vitest';
import { type CreateStore, sessionStoreCases } from '../../src/testing/index.js';
import { StalledError } from '../../src/testing/real-time.js';
import { PassedLimitError } from '../../src/testing/run-case.js';
import type { Fault, Faults } from './fault.js';
import { faultsOfCreate } from './faults-of-create.js';
import { faultsOfDelete } from './faults-of-delete.js';
import { faultsOfEveryMethod } from './faults-of-every-method.js';
import { faultsOfGet } from './faults-of-get.js';
import { faultsOfUpdate } from './faults-of-update.js';
import { faultsOfValues } from './faults-of-values.js';
import { atADistance, createReferenceStore, type Plant } from './reference-store.js';

/** The kit is proved: a store that is broken in one way fails the cases named for it, and no other. */
const faults: Faults = {
  ...faultsOfEveryMethod,
  ...faultsOfValues,
  ...faultsOfCreate,
  ...faultsOfGet,
  ...faultsOfUpdate,
  ...faultsOfDelete,
};

const rows = Object.entries(faults).flatMap(([promise, list]) =>
  list.map((fault) => ({ promise, ...fault, name: `${promise} | ${fault.fault}` })),
);

const cases = sessionStoreCases(() => createReferenceStore({}));
const LIMIT = 60_000;

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
    expect(Object.keys(faults).sort()).toEqual([...new Set(cases.map(({ promise }) => promise))].sort());
  });

  it('break each promise in some way that breaks nothing else', () => {
    for (const [promise, list] of Object.entries(faults)) {
      expect(
        list.filter(({ also }) => also === undefined),
        promise,
      ).not.toEqual([]);
    }
  });

  it('make every case fail', () => {
    const failed = new Set(rows.flatMap(expected));
    expect(cases.map(({ name }) => name).filter((name) => !failed.has(name))).toEqual([]);
  });

  it('name cases that there are', () => {
    const known = new Set(cases.flatMap(({ promise, name }) => [promise, name]));
    const named = rows.flatMap((row) => [...(row.also ?? []), ...expected(row)]);
    expect(named.filter((name) => !known.has(name))).toEqual([]);
  });
});

/** The names of the cases that a store fails, both when it answers at once and when it answers later. */
async function failing(plant?: Plant): Promise<{ atOnce: string[]; later: string[] }> {
  const [atOnce, later] = await Promise.all([
    failingOn((timeouts) => createReferenceStore(timeouts, plant)),
    failingOn((timeouts) => createReferenceStore(timeouts, plant, atADistance)),
  ]);
  return { atOnce, later };
}

/** Runs all cases at the same time. A case that ran out of time says nothing of the store, as no fault is slow: then again. */
async function failingOn(createStore: CreateStore): Promise<string[]> {
  for (let attempt = 1; ; attempt++) {
    const outcomes = await Promise.allSettled(sessionStoreCases(createStore).map(({ run }) => run()));
    const isSlow = outcomes.some((outcome) => outcome.status === 'rejected' && isOutOfTime(outcome.reason));
    if (isSlow && attempt < 8) continue;
    return cases
      .filter((_, index) => outcomes[index]?.status === 'rejected')
      .map(({ name }) => name)
      .sort();
  }
}

function isOutOfTime(error: unknown): boolean {
  return error instanceof StalledError || error instanceof PassedLimitError;
}

function expected({ promise, in: situations, also = [] }: Fault & { promise: string }): string[] {
  const own = situations ? situations.map((situation) => `${promise}: ${situation}`) : casesOf(promise);
  return [...own, ...also.flatMap((name) => (promises.has(name) ? casesOf(name) : [name]))];
}

const promises = new Set(cases.map(({ promise }) => promise));

function casesOf(promise: string): string[] {
  return cases.filter((aCase) => aCase.promise === promise).map(({ name }) => name);
}
