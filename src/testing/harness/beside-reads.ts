import type { SessionAssociations } from '../../session-info.js';
import type { CaseTime } from './case-time.js';
import type { OpenStore } from './kit-cases.js';
import { createSession } from './open-with-session.js';
import { createStagger, measure } from './stagger.js';
import type { StoreUnderTest } from './store-under-test.js';

/**
 * Makes a call on each of some sessions while reads of it are in flight. An extension is due by then, so a get has to write. No
 * read begins later, as it might repair what an earlier one broke.
 */
export async function besideReads(
  open: OpenStore,
  time: CaseTime,
  { method, associations }: { method: 'get' | 'peek'; associations: SessionAssociations },
  call: (store: StoreUnderTest, id: string) => Promise<unknown>,
) {
  const idleTimeout = 1000;
  const store = await open({ idleTimeout });
  const inTime = time.startTimeout(idleTimeout);
  const create = () => createSession(store, associations);
  const [probe, ...sessions] = await Promise.all(Array.from({ length: 20 }, create));
  await time.sleep(100);
  const stagger = createStagger(sessions.length, await measure(() => store.get(probe?.id ?? '')));
  await Promise.all(
    sessions.flatMap(({ id }, index) => [
      store[method](id),
      store[method](id),
      stagger(index, () => call(store, id)),
    ]),
  );
  inTime();
  return { store, ids: sessions.map(({ id }) => id), inTime };
}
