/**
 * npm run test:mutation: the code that decides who a visitor is, changed for the worse in one place at a time, and whether a test
 * notices. One file: npm run test:mutation -- --mutate src/session-info.ts. With --incremental a run takes over from the last such
 * run what no change of that code or its tests touches.
 *
 * @type {import('@stryker-mutator/api/core').PartialStrykerOptions}
 */
export default {
  testRunner: 'vitest',
  vitest: { configFile: 'vitest.mutation.config.ts' },
  plugins: ['@stryker-mutator/vitest-runner'],
  mutate: [
    'src/session-info.ts',
    'src/session-timeouts.ts',
    'src/session-store-guard.ts',
    'src/session-store-answers.ts',
    'src/iso-time.ts',
    'src/and-then.ts',
    'src/http/session-id.ts',
    'src/http/signed-cookie.ts',
    'src/http/session-cookie.ts',
    'src/http/header-values.ts',
    'src/http/request-input.ts',
    'src/http/request-body.ts',
    'src/http/attach-session.ts',
    'src/http/host-session.ts',
    'src/http/new-session.ts',
    'src/http/update-or-create.ts',
    'src/stores/memory.ts',
  ],
  ignorePatterns: ['dist', 'coverage', 'bench', 'figures', 'example-app', 'scripts', 'reports'],
  coverageAnalysis: 'perTest',
  concurrency: 2,
  // Long, as on a busy machine a test that only is slow would pass for one that no longer ends, and so for one that noticed.
  timeoutMS: 20_000,
  thresholds: { high: 95, low: 90, break: 85 },
  reporters: ['clear-text', 'json'],
  clearTextReporter: { allowColor: false, reportTests: false },
};
