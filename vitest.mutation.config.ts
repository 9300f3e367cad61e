import { defineConfig } from 'vitest/config';

/**
 * The tests that npm run test:mutation asks about each mutant: those of the code that it changes, on Express 5 and on one host,
 * without what starts servers of databases or other processes, or takes long.
 */
export default defineConfig({
  test: {
    include: [
      'test/iso-time.test.ts',
      'test/session-*.test.ts',
      'test/properties/values.test.ts',
      'test/stores/memory.test.ts',
      'test/http/**/*.test.ts',
    ],
    exclude: [
      'test/session-ids.test.ts',
      'test/http/properties.test.ts',
      'test/http/real-client.test.ts',
      'test/http/secrets.test.ts',
    ],
    env: { EXPRESS_MAJOR: '5', ONE_HOST: '1' },
    testTimeout: 20_000,
  },
});
