/** What decides who a visitor is. */
const FILES = [
  'session-id',
  'session-info',
  'http/attach-session',
  'http/auto-create',
  'http/cookie/cookie-format',
  'http/cookie/response-cookies',
  'http/cookie/session-cookie',
  'http/cookie/verified-cookie-cache',
  'http/find-session',
  'http/input/associations',
  'http/input/header-values',
  'http/input/request-target',
  'http/input/session-id-sources',
  'http/renew-session',
  'http/request-session',
  'http/require-session',
  'http/session-functions',
];

/**
 * npm run test:mutation: changes that code, one place at a time, and sees whether a test notices. One file:
 * npm run test:mutation -- --mutate src/session-info.ts. With --incremental a run takes over from the last such run whatever no change of
 * that code or its tests touches.
 *
 * @type {import('@stryker-mutator/api/core').PartialStrykerOptions}
 */
export default {
  testRunner: 'vitest',
  vitest: { configFile: 'vitest.mutation.config.ts' },
  plugins: ['@stryker-mutator/vitest-runner'],
  mutate: FILES.map((file) => `src/${file}.ts`),
  ignorePatterns: [
    'dist',
    'coverage',
    'bench/*',
    '!bench/TRIED.md',
    'figures',
    'example-app',
    'scripts',
    'reports',
  ],
  coverageAnalysis: 'perTest',
  concurrency: 3,
  // Long: on a busy machine a test that is only slow would count as one that no longer ends, and so as one that noticed.
  timeoutMS: 20_000,
  thresholds: { high: 95, low: 90, break: 85 },
  reporters: ['clear-text', 'json'],
  clearTextReporter: { allowColor: false, reportTests: false },
};
