import { strict as assert } from 'node:assert';
import { createSeveral } from './create-several.js';
import { freshSessionId } from './fresh-names.js';
import { openWithSession } from './open-with-session.js';
import { checkPace, retryWhenStalled, waitPast } from './real-time.js';
import type { PromiseCases } from './run-case.js';
import { isSession } from './session-assertions.js';

export const oneCreateCases: PromiseCases = {
  'Of several creates of one ID at the same time, exactly one makes the session': {
    'an ID that never was': async (open) => {
      const store = await open();
      for (let round = 0; round < 5; round++) {
        assertOneMade(await createSeveral(store, freshSessionId()));
      }
    },
    'an ID whose session was deleted': async (open) => {
      const { store, id } = await openWithSession(open);
      await store.delete(id);
      assertOneMade(await createSeveral(store, id));
    },
    'an ID whose session has expired': async (open) => {
      const store = await open({ idleTimeout: 300 });
      await retryWhenStalled(async () => {
        const id = freshSessionId();
        await store.create(id, {});
        await waitPast(300);
        const start = performance.now();
        const answers = await createSeveral(store, id);
        if (answers.filter(isSession).length > 1) checkPace(start, 300);
        assertOneMade(answers);
      });
    },
  },
};

function assertOneMade(answers: unknown[]): void {
  const made = answers.filter(isSession).length;
  assert.equal(
    made,
    1,
    `of ${answers.length} creates at the same time one must make the session, not ${made}`,
  );
}
