import { TimeLimitError } from '../../src/testing/harness/store-under-test.js';
import type { SessionStoreCase } from '../../src/testing/index.js';

/** Whether a store fails a case. A case that ran out of time says nothing of a store that is not slow: then it runs again. */
export async function isFailed({ run }: SessionStoreCase): Promise<boolean> {
  for (let attempt = 1; ; attempt++) {
    try {
      await run();
      return false;
    } catch (error) {
      if (!(error instanceof TimeLimitError) || attempt === 8) return true;
    }
  }
}
