import fc from 'fast-check';
import { expect } from 'vitest';
import type { SessionAssociations, SessionInfo } from '../../../src/session-info.js';
import type { SessionStore } from '../../../src/session-store.js';
import { associations } from './arbitraries.js';
import type { Model } from './model.js';

/** A store whose clock a test can move. The IDs of a run are its own: `prefix` goes before each. */
export interface RealStore {
  readonly store: SessionStore;
  readonly prefix: string;
  advance(milliseconds: number): unknown;
}

type Command = fc.AsyncCommand<Model, RealStore>;

/**
 * The deadlines of the model, and steps of the clock of which no sum comes near one. Real time goes on meanwhile, and a store may
 * leave out an extension of 5 % of the idle timeout, which is less than a step.
 */
export const TIMEOUTS = { idleTimeout: 30 * 60_000, absoluteTimeout: 45 * 60_000 };
const STEP = 7 * 60_000;

const id = fc.constantFrom('a', 'b', 'c');

/** Lists of calls, of a few sessions, and of times that pass. */
export const commandLists: fc.Arbitrary<Iterable<Command>> = fc.commands(
  [
    fc.tuple(id, associations).map(([name, named]) =>
      command(`create ${name} ${JSON.stringify(named)}`, async (model, { store, prefix }) => {
        expectSame(model.create(name, named), await store.create(prefix + name, named), prefix + name);
      }),
    ),
    fc.tuple(id, associations).map(([name, named]) =>
      command(`update ${name} ${JSON.stringify(named)}`, async (model, { store, prefix }) => {
        expectSame(model.update(name, named), await store.update(prefix + name, named), prefix + name);
      }),
    ),
    id.map((name) =>
      command(`get ${name}`, async (model, { store, prefix }) => {
        expectSame(model.get(name), await store.get(prefix + name), prefix + name);
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
  response: SessionInfo | undefined,
  sessionId: string,
): void {
  if (!expected || !response) {
    expect(response).toEqual(expected);
    return;
  }
  const { createdAt, updatedAt, ...rest } = response;
  expect(rest).toEqual({ sessionId, ...expected });
  expect(createdAt <= updatedAt).toBe(true);
}
