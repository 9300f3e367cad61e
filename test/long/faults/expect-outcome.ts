import { expect } from 'vitest';
import type { Fault, Outcome } from './run-fault.js';

/** How much later than `storeTimeout` an answer may come, and how long after a fault all must be good again, in ms. */
export const MARGIN = 150;
export const GOOD_WITHIN = 2000;

/** Holds what came of a fault to what the package promises of every fault. */
export function expectPromisesKept(
  outcomes: readonly Outcome[],
  { seen, harmless, mayLose, goodWithin = GOOD_WITHIN }: Fault,
): void {
  for (const { rate, answers, right, latestUnexcused, goodAfter, lost, errors, ...outcome } of outcomes) {
    const where = `${outcome.store}, ${rate} a second, ${outcome.fault}`;
    expect.soft(outcome, where).toMatchObject({ hung: 0, others: [], unhandled: [] });
    if (!mayLose) expect.soft(lost, `${where}: acknowledged and lost`).toBe(0);
    expect
      .soft(latestUnexcused, `${where}: the latest answer, ms after storeTimeout`)
      .toBeLessThanOrEqual(MARGIN);
    expect.soft(goodAfter, `${where}: good again after, ms`).toBeLessThanOrEqual(goodWithin);
    expect.soft(answers, `${where}: answers`).toBeGreaterThanOrEqual(rate);
    // One request a second may by chance meet what the fault lets through.
    if (!harmless && rate > 1)
      expect.soft(right, `${where}: right answers during the fault`).toBeLessThan(answers);
    if (seen && rate > 1) expect.soft(Object.keys(errors).join(), where).toMatch(seen);
  }
}
