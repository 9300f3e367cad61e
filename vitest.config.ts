import { availableParallelism } from 'node:os';
import { configDefaults, defineConfig } from 'vitest/config';

// `isolate: false`: files share the modules that they load, which takes a quarter of the time.

/** The same tests on both majors of Express: `express4` is the alias under which Express 4 is installed. */
const http = {
  include: ['test/http/**/*.test.ts', 'test/diagnostics.test.ts', 'test/long/properties/routes.test.ts'],
  testTimeout: 20_000,
  isolate: false,
};

/** What starts proxies, browsers and the example. */
const WITH_OTHER_PROGRAMS = ['test/browser/**', 'test/proxies/**', 'test/example-app*.test.ts'];

/** Minutes of conformance cases: against stores with a planted fault, slow stores, under other runners, and on PGlite. */
const KIT_PROOFS = [
  'testing/*-cases',
  'testing/slow-stores',
  'testing/runners',
  'testing/unhandled',
  'stores/postgres/pglite',
].map((name) => `test/${name}.test.ts`);

/** What measures how an app stands a fault, and so wants no other test at the same time. */
const FAULTS = 'test/long/faults/**';

export default defineConfig({
  test: {
    reporters: ['default', './test/skipped-suites.ts'],
    // One more than cores, because many tests wait for a server or for time to pass.
    maxWorkers: availableParallelism() + 1,
    // Long runs measure, and write their figures.
    fileParallelism: process.env.LONG !== '1',
    projects: [
      { test: { ...http, name: 'express5', env: { EXPRESS_MAJOR: '5' } } },
      {
        resolve: { alias: [{ find: /^express$/, replacement: 'express4' }] },
        test: { ...http, name: 'express4', env: { EXPRESS_MAJOR: '4' } },
      },
      {
        test: {
          name: 'package',
          include: ['test/**/*.test.ts'],
          exclude: [
            ...configDefaults.exclude,
            ...WITH_OTHER_PROGRAMS,
            ...KIT_PROOFS,
            'test/http/**',
            'test/diagnostics.test.ts',
            'test/long/properties/routes.test.ts',
            'test/long/!(properties)/**',
          ],
          testTimeout: 60_000,
          isolate: false,
        },
      },
      // The rest, by npm run test:long.
      {
        test: {
          name: 'long',
          include: [
            'test/long/**/*.test.ts',
            ...KIT_PROOFS,
            ...WITH_OTHER_PROGRAMS.map((glob) => glob.replace('**', '**/*.test.ts')),
          ],
          exclude: [...configDefaults.exclude, 'test/long/properties/**', FAULTS],
          testTimeout: 60_000,
        },
      },
      { test: { name: 'faults', include: [`${FAULTS}/*.test.ts`], testTimeout: 60_000 } },
    ],
    // By npm test, as a part of the tests covers a part of the code.
    coverage: {
      include: ['src/**/*.ts'],
      reporter: ['text-summary'],
      thresholds: { lines: 95 },
    },
  },
});
