import { describe } from 'vitest';
import { findBinary } from './find-binary.js';

/**
 * `describe`, for a suite that needs a program of this machine. Without it the suite is skipped, and test/skipped-suites.ts
 * says so at the end; with REQUIRE_ALL_SUITES=1 it is run, and fails for want of the program.
 */
export function needs(program: string, isThere = findBinary(program) !== undefined) {
  return function describeIfThere(name: string, suite: () => void): void {
    if (isThere || process.env.REQUIRE_ALL_SUITES === '1') describe(name, suite);
    else describe.skip(`${name} (skipped: no ${program})`, suite);
  };
}

/** `describe`, for a suite that shows by better means what another one shows too. Without them it is skipped in any case. */
export function worthWith(means: string, areThere: boolean) {
  return function describeIfThere(name: string, suite: () => void): void {
    if (areThere) describe(name, suite);
    else describe.skip(`${name} (skipped: no ${means})`, suite);
  };
}
