import { readdirSync } from 'node:fs';

/** Has types only. */
const WITHOUT_CODE = ['src/http/hook-request.ts'];

/**
 * npm run test:mutation: changes the code that decides who a visitor is, one place at a time, and sees whether a test notices. One
 * file: npm run test:mutation -- --mutate src/session-info.ts. With --incremental a run takes over from the last such run whatever
 * no change of that code or its tests touches.
 *
 * @type {import('@stryker-mutator/api/core').PartialStrykerOptions}
 */
export default {
  testRunner: 'vitest',
  vitest: { configFile: 'vitest.mutation.config.ts' },
  plugins: ['@stryker-mutator/vitest-runner'],
  mutate: readdirSync('src', { recursive: true, encoding: 'utf8' })
    .map((file) => `src/${file.replaceAll('\\', '/')}`)
    .filter((file) =>
      /^src\/(?:session-(?:info|id)|(?:store-calls|http|stores\/(?:shared|memory))\b.*)\.ts$/.test(file),
    )
    .filter((file) => !WITHOUT_CODE.includes(file))
    .sort(),
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
  concurrency: 2,
  // Long: on a busy machine a test that is only slow would count as one that no longer ends, and so as one that noticed.
  timeoutMS: 20_000,
  thresholds: { high: 95, low: 90, break: 85 },
  reporters: ['clear-text', 'json'],
  clearTextReporter: { allowColor: false, reportTests: false },
};
