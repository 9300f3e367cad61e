import { DEFAULT_PACE } from './case-time.js';
import type { Check, CreateStore } from './check.js';
import { runCase } from './run-case.js';

export type { Check, CreateStore, OpenStore } from './check.js';

/** Options of the kit. */
export interface KitOptions {
  /**
   * The longest time that a call of the store takes, in ms: one round trip to the backend, or the sum of several. At least 20, the
   * default.
   * Timeouts, waits and limits of the cases grow in proportion: with 200 a case takes up to 40 s, so raise the time limit of your
   * test runner too.
   */
  readonly pace?: number | undefined;
}

/** One thing that a store must do, as a test of any runner: `test(name, run)`. */
export interface SessionStoreCase {
  /** The sentence of the specification that the case checks. */
  readonly promise: string;
  /** The promise and the situation in which it is checked. No two cases have the same name. */
  readonly name: string;
  /**
   * Resolves if the store keeps the promise, otherwise rejects with an error that says what was expected. It ends within 4 s, and
   * within 2 s of a call that does not return, both multiplied by `pace / 20`. It leaves no timer behind.
   */
  readonly run: () => Promise<void>;
}

/** The cases of some promises: for each promise its situations, and for each situation the check. */
export type PromiseCases = Readonly<Record<string, Readonly<Record<string, Check>>>>;

/** The cases as data. Throws a TypeError if `createStore` is not a function or `pace` is not valid. */
export function listCases(
  kit: string,
  promises: readonly PromiseCases[],
  createStore: CreateStore,
  { pace = DEFAULT_PACE }: KitOptions = {},
): SessionStoreCase[] {
  if (typeof createStore !== 'function') {
    throw new TypeError(
      `${kit}: createStore must be a function that takes { idleTimeout, absoluteTimeout } and returns a store`,
    );
  }
  if (!Number.isFinite(pace) || pace < DEFAULT_PACE) {
    throw new TypeError(
      `${kit}: pace must be the longest time that a call of the store takes, in ms, at least ${DEFAULT_PACE}`,
    );
  }
  return promises.flatMap((cases) =>
    Object.entries(cases).flatMap(([promise, situations]) =>
      Object.entries(situations).map(([situation, check]) => ({
        promise,
        name: `${promise}: ${situation}`,
        run: () => runCase(createStore, check, pace),
      })),
    ),
  );
}
