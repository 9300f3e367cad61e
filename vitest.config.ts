import { configDefaults, defineConfig } from 'vitest/config';

/** The same tests on both majors of Express: `express4` is the alias under which Express 4 is installed. */
const http = {
  include: ['test/http/**/*.test.ts', 'test/diagnostics.test.ts', 'test/long/properties/routes.test.ts'],
  testTimeout: 20_000,
};

export default defineConfig({
  test: {
    reporters: ['default', './test/skipped-suites.ts'],
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
          // Minutes of faults on real servers: by npm run test:faults.
          exclude: [
            ...configDefaults.exclude,
            'test/http/**',
            'test/diagnostics.test.ts',
            'test/long/properties/routes.test.ts',
            ...(process.env.LONG || process.env.FAULTS ? [] : ['test/long/faults/**']),
          ],
          testTimeout: 60_000,
        },
      },
    ],
    // By npm test, as a part of the tests covers a part of the code.
    coverage: {
      include: ['src/**/*.ts'],
      reporter: ['text-summary'],
      thresholds: { lines: 95 },
    },
  },
});
