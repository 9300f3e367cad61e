import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** In this order, as the first test that notices a change ends the run: first the quick ones, last those that wait for time to pass. */
const TESTS = [
  'test/stores/shared/*.test.ts',
  'test/session-*.test.ts',
  'test/store-calls/*.test.ts',
  'test/diagnostics.test.ts',
  'test/http/input/*.test.ts',
  'test/http/cookie/*.test.ts',
  'test/http/bad-input/*.test.ts',
  'test/http/**/*.test.ts',
  'test/long/properties/values.test.ts',
];

class InOrder extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const place = ({ moduleId }: TestSpecification) => TESTS.findIndex((test) => matchesGlob(moduleId, test));
    return (await super.sort(files)).toSorted((a, b) => place(a) - place(b));
  }
}

/**
 * The tests that npm run test:mutation runs on each mutant: those of the code that it changes, on Express 5 and on one kind of server,
 * without those that start other processes.
 */
export default defineConfig({
  test: {
    include: TESTS,
    exclude: ['test/http/real-client.test.ts', 'test/http/secrets.test.ts'],
    sequence: { sequencer: InOrder },
    env: { EXPRESS_MAJOR: '5', ONE_HOST: '1' },
    testTimeout: 20_000,
    isolate: false,
  },
});

/** As far as the globs above go. */
function matchesGlob(path: string, glob: string): boolean {
  const [before = '', after = ''] = glob.split('*');
  return path.includes(before) && path.endsWith(after);
}
