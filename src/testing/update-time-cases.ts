import { strict as assert } from 'node:assert';
import type { SessionAssociations, SessionInfo } from '../session-info.js';
import { freshAssociations, freshValue } from './fresh-names.js';
import { openWithSession } from './open-with-session.js';
import { sleep, waitForNextTime } from './real-time.js';
import type { PromiseCases, StoreUnderTest } from './run-case.js';
import { assertNow, assertTime, found, momentOf } from './session-assertions.js';

export const updateTimeCases: PromiseCases = {
  'It sets `updatedAt` by the clock of the store, even when it names nothing, and keeps `createdAt`': {
    'updatedAt when it names something': async (open) => {
      const { store, id, ...created } = await openWithSession(open);
      await updateUntilLater(store, id, { visitId: freshValue() }, created);
    },
    'updatedAt when it names nothing': async (open) => {
      const { store, id, ...created } = await openWithSession(open);
      await updateUntilLater(store, id, {}, created);
    },
    'updatedAt when it names what is there already': async (open) => {
      const { store, id, associations, ...created } = await openWithSession(open);
      await updateUntilLater(store, id, associations, created);
    },
    'updatedAt of one update after another': async (open) => {
      const { store, id, ...created } = await openWithSession(open);
      const { updatedAt } = await updateUntilLater(store, id, {}, created);
      await updateUntilLater(store, id, {}, { updatedAt });
    },
    'updatedAt in ISO 8601, UTC, with milliseconds': async (open) => {
      const { store, id } = await openWithSession(open);
      assertTime(found('update', await store.update(id, {})), 'updatedAt');
    },
    'updatedAt as the present moment': async (open) => {
      const { store, id } = await openWithSession(open);
      assertNow(found('update', await store.update(id, {})), 'updatedAt');
    },
    'updatedAt never before createdAt': async (open) => {
      const { store, id } = await openWithSession(open);
      const info = found('update', await store.update(id, {}));
      const isBefore = momentOf(info, 'updatedAt') < momentOf(info, 'createdAt');
      assert.ok(!isBefore, `updatedAt (${info.updatedAt}) must not be before createdAt (${info.createdAt})`);
    },
    createdAt: async (open) => {
      const { store, id, createdAt } = await openWithSession(open);
      for (let times = 0; times < 3; times++) {
        await waitForNextTime();
        const updated = found('update', await store.update(id, freshAssociations()));
        assert.equal(updated.createdAt, createdAt, 'store.update must keep createdAt');
      }
      assert.equal(
        found('get', await store.get(id)).createdAt,
        createdAt,
        'store.update must keep createdAt',
      );
    },
  },
};

/** A clock may show the same millisecond for a while, so it updates until the time is later. */
async function updateUntilLater(
  store: StoreUnderTest,
  id: string,
  associations: SessionAssociations,
  before: Pick<SessionInfo, 'updatedAt'>,
): Promise<Pick<SessionInfo, 'updatedAt'>> {
  const start = performance.now();
  do {
    await sleep(5);
    const { updatedAt } = found('update', await store.update(id, associations));
    if (Date.parse(updatedAt) > Date.parse(before.updatedAt)) return { updatedAt };
  } while (performance.now() - start < 1000);
  assert.fail(
    `store.update must set updatedAt to the present moment; after 1 s it still is ${before.updatedAt}`,
  );
}
