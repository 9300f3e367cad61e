import { strict as assert } from 'node:assert';
import type { AssociationChanges, SessionInfo } from '../../session-info.js';
import { waitForNextTime, waitUntilLater } from '../harness/case-time.js';
import { expectIsoTime, expectPresent, expectSession, isLater, momentOf } from '../harness/expect-session.js';
import { freshAssociations, freshValue } from '../harness/fresh.js';
import type { PromiseCases } from '../harness/kit-cases.js';
import { openWithSession } from '../harness/open-with-session.js';
import type { StoreUnderTest } from '../harness/store-under-test.js';

export const updateTimeCases: PromiseCases = {
  "It sets `updatedAt` by the store's clock, even if no member is given, and keeps `createdAt`": {
    'updatedAt if a member is given': async (open) => {
      const { store, id, ...created } = await openWithSession(open);
      await updateUntilLater(store, id, { visitId: freshValue() }, created);
    },
    'updatedAt if no member is given': async (open) => {
      const { store, id, ...created } = await openWithSession(open);
      await updateUntilLater(store, id, {}, created);
    },
    'updatedAt if the members are the same already': async (open) => {
      const { store, id, associations, ...created } = await openWithSession(open);
      await updateUntilLater(store, id, associations, created);
    },
    'updatedAt if a member is removed': async (open) => {
      const { store, id, ...created } = await openWithSession(open);
      await updateUntilLater(store, id, { visitId: null }, created);
    },
    'updatedAt of one update after another': async (open) => {
      const { store, id, ...created } = await openWithSession(open);
      const updated = await updateUntilLater(store, id, {}, created);
      await updateUntilLater(store, id, {}, updated);
    },
    'updatedAt in ISO 8601, UTC, with milliseconds': async (open) => {
      const { store, id } = await openWithSession(open);
      expectIsoTime(expectSession('update', await store.update(id, {})), 'updatedAt');
    },
    'updatedAt as the present time': async (open) => {
      const { store, id } = await openWithSession(open);
      expectPresent(expectSession('update', await store.update(id, {})), 'updatedAt');
    },
    'updatedAt never before createdAt': async (open) => {
      const { store, id } = await openWithSession(open);
      const info = expectSession('update', await store.update(id, {}));
      const isBefore = momentOf(info, 'updatedAt') < momentOf(info, 'createdAt');
      assert.ok(!isBefore, `updatedAt (${info.updatedAt}) must not be before createdAt (${info.createdAt})`);
    },
    createdAt: async (open) => {
      const { store, id, createdAt } = await openWithSession(open);
      for (let times = 0; times < 3; times++) {
        await waitForNextTime();
        const updated = expectSession('update', await store.update(id, freshAssociations()));
        assert.equal(updated.createdAt, createdAt, 'store.update must keep createdAt');
      }
      const { createdAt: last } = expectSession('get', await store.get(id));
      assert.equal(last, createdAt, 'store.update must keep createdAt');
    },
  },
};

async function updateUntilLater(
  store: StoreUnderTest,
  id: string,
  changes: AssociationChanges,
  before: Pick<SessionInfo, 'updatedAt'>,
): Promise<SessionInfo> {
  let info: SessionInfo | undefined;
  const isSet = await waitUntilLater(async () => {
    info = expectSession('update', await store.update(id, changes));
    return isLater('updatedAt', info, before);
  });
  const message = `store.update must set updatedAt to the present time; it still is ${before.updatedAt}`;
  assert.ok(isSet && info, message);
  return info;
}
