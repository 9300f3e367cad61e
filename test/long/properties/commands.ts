import fc from 'fast-check';
import { expect } from 'vitest';
import type { SessionAssociations, SessionInfo } from '../../../src/session-info.js';
import type { SessionStore } from '../../../src/session-store.js';
import { associations, changes } from './arbitraries.js';
import type { Model } from './model.js';

/** A store whose clock a test can move. Each run has IDs of its own: they begin with `prefix`. */
export interface RealStore {
  readonly store: SessionStore;
  readonly prefix: string;
  advance(milliseconds: number): unknown;
}

type Command = fc.AsyncCommand<Model, RealStore>;

/**
 * The timeouts of the model, and steps of the clock whose sums are never close to one. Real time goes on meanwhile, and a store may
 * skip an extension of 5 % of the idle timeout, which is less than a step.
 */
export const TIMEOUTS = { idleTimeout: 30 * 60_000, absoluteTimeout: 45 * 60_000 };
const STEP = 7 * 60_000;

const id = fc.constantFrom('a', 'b', 'c');

/** Lists of calls for a few sessions, and of times that pass. */
export const commandLists: fc.Arbitrary<Iterable<Command>> = fc.commands(
  [
    fc.tuple(id, associations).map(([name, given]) =>
      command(`create ${name} ${JSON.stringify(given)}`, async (model, { store, prefix }) => {
        expectSame(model.create(name, given), await store.create(prefix + name, given), prefix + name);
      }),
    ),
    fc.tuple(id, changes).map(([name, given]) =>
      command(`update ${name} ${JSON.stringify(given)}`, async (model, { store, prefix }) => {
        expectSame(model.update(name, given), await store.update(prefix + name, given), prefix + name);
      }),
    ),
    id.map((name) =>
      command(`get ${name}`, async (model, { store, prefix }) => {
        expectSame(model.get(name), await store.get(prefix + name), prefix + name);
      }),
    ),
    id.map((name) =>
      command(`peek ${name}`, async (model, { store, prefix }) => {
        expectSame(model.peek(name), await store.peek(prefix + name), prefix + name);
      }),
    ),
    id.map((name) =>
      command(`delete ${name}`, async (model, { store, prefix }) => {
        expect(await store.delete(prefix + name)).toBe(model.delete(name));
      }),
    ),
    fc.integer({ min: 1, max: 4 }).map((steps) =>
      command(`${steps * 7} minutes pass`, async (model, real) => {
        model.advance(steps * STEP);
        await real.advance(steps * STEP);
      }),
    ),
  ],
  { maxCommands: 50, size: 'max' },
);

function command(name: string, run: (model: Model, real: RealStore) => Promise<void>): Command {
  return { check: () => true, run, toString: () => name };
}

function expectSame(
  expected: SessionAssociations | undefined,
  returned: SessionInfo | undefined,
  sessionId: string,
): void {
  if (!expected || !returned) {
    expect(returned).toEqual(expected);
    return;
  }
  const { createdAt, updatedAt, ...rest } = returned;
  expect(rest).toEqual({ sessionId, ...expected });
  expect(createdAt <= updatedAt).toBe(true);
}
