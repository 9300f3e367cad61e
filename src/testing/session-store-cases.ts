import { aliasingCases } from './aliasing-cases.js';
import { atomicCases } from './atomic-cases.js';
import { concurrentUpdateCases } from './concurrent-update-cases.js';
import { createCases } from './create-cases.js';
import { deleteCases } from './delete-cases.js';
import { expiryCases } from './expiry-cases.js';
import { freeIdCases } from './free-id-cases.js';
import { getCases } from './get-cases.js';
import { notFoundCases } from './not-found-cases.js';
import { oneCreateCases } from './one-create-cases.js';
import { otherSessionsCases } from './other-sessions-cases.js';
import { type CreateStore, runCase } from './run-case.js';
import { sessionIdCases } from './session-id-cases.js';
import { takenIdCases } from './taken-id-cases.js';
import { updateCases } from './update-cases.js';
import { updateTimeCases } from './update-time-cases.js';
import { useCases } from './use-cases.js';
import { valueCases } from './value-cases.js';

/** One thing that a store must do, as a test of any runner: `test(name, run)`. */
export interface SessionStoreCase {
  /** The sentence of the specification, `SessionStore`, that the case checks. */
  readonly promise: string;
  /** The promise and the situation in which it is checked. No two cases have the same name. */
  readonly name: string;
  /**
   * Resolves when the store keeps the promise, otherwise rejects with an error that says what was expected. It ends within
   * 4 s, and within 2 s of a call that the store does not answer; it leaves no timer behind.
   */
  readonly run: () => Promise<void>;
}

/**
 * The conformance kit: what every `SessionStore` must do, as data for any test runner.
 *
 * ```js
 * for (const { name, run } of sessionStoreCases((timeouts) => createMyStore(client, timeouts))) test(name, run);
 * ```
 *
 * `createStore` is called by each case, with the timeouts in ms that the case needs. The stores may share one backend, which
 * need not be empty: a case makes IDs of its own. So cases may run one after the other (some 14 s, expiry is waited for in
 * real time) or all at the same time. Sessions that a case leaves behind expire within a minute.
 * Throws a TypeError when `createStore` is no function.
 */
export function sessionStoreCases(createStore: CreateStore): SessionStoreCase[] {
  if (typeof createStore !== 'function') {
    throw new TypeError(
      'sessionStoreCases: createStore must be a function that takes { idleTimeout, absoluteTimeout } and gives a store',
    );
  }
  return promises.flatMap((cases) =>
    Object.entries(cases).flatMap(([promise, situations]) =>
      Object.entries(situations).map(([situation, check]) => ({
        promise,
        name: `${promise}: ${situation}`,
        run: () => runCase(createStore, check),
      })),
    ),
  );
}

const promises = [
  notFoundCases,
  atomicCases,
  expiryCases,
  sessionIdCases,
  valueCases,
  aliasingCases,
  otherSessionsCases,
  createCases,
  takenIdCases,
  freeIdCases,
  oneCreateCases,
  getCases,
  useCases,
  updateCases,
  updateTimeCases,
  concurrentUpdateCases,
  deleteCases,
];
