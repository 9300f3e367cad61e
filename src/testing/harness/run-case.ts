import { createCaseTime, DEFAULT_PACE, StalledError } from './case-time.js';
import type { Check, CreateStore } from './check.js';
import { createCallWatch, type StoreUnderTest, TimeLimitError } from './store-under-test.js';

/** Both limits are well below the 5 s that Vitest and Jest give a test, so that the message is ours. */
const CALL_LIMIT = 2000;
const CASE_LIMIT = 4000;

/** Too long to matter: a session that a case leaves behind in a shared backend expires after them. */
const LONG_TIMEOUTS = { idleTimeout: 60_000, absoluteTimeout: 60_000 };

/**
 * Runs one check on the store, within the limits. A check that could not keep its schedule is run again with longer timeouts, as
 * far as the limit permits. Once it has failed, it can make no further call, and no call of it settles.
 */
export function runCase(createStore: CreateStore, check: Check, pace: number): Promise<void> {
  const factor = pace / DEFAULT_PACE;
  const limit = CASE_LIMIT * factor;
  return new Promise((resolve, reject) => {
    const calls = createCallWatch(CALL_LIMIT * factor, fail);
    const timer = setTimeout(() => {
      fail(new TimeLimitError(`the case did not end within ${limit} ms: ${calls.advice()}`));
    }, limit);

    function end(): void {
      clearTimeout(timer);
      calls.end();
    }
    function fail(error: unknown): void {
      end();
      reject(error);
    }

    async function attempt(scale: number): Promise<void> {
      async function open(changes = {}): Promise<StoreUnderTest> {
        const { idleTimeout, absoluteTimeout } = { ...LONG_TIMEOUTS, ...changes };
        const timeouts = {
          idleTimeout: Math.round(idleTimeout * scale),
          absoluteTimeout: Math.round(absoluteTimeout * scale),
        };
        return calls.watch(await calls.limited('createStore', () => createStore(timeouts)));
      }
      try {
        await check(open, createCaseTime(scale));
      } catch (error) {
        if (!(error instanceof StalledError)) throw error;
        await attempt(scale * 1.5);
      }
    }

    attempt(factor).finally(end).then(resolve, fail);
  });
}
