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
