import { setTimeout as sleep, setImmediate as turn } from 'node:timers/promises';
import type { SessionAssociations } from '../../session-info.js';
import type { CaseTime } from './case-time.js';
import type { OpenStore } from './kit-cases.js';
import { createSession } from './open-with-session.js';
import type { StoreUnderTest } from './store-under-test.js';

/**
 * Makes a call on each of some sessions while reads of it are in flight, each a little later than the one before. An extension is
 * due by then, so a get has to write. No read begins later, as it might repair what an earlier one broke.
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
  const sessions = await Promise.all(Array.from({ length: 20 }, create));
  await time.sleep(100);
  const roundTrip = await measure(() => store.get(sessions[0]?.id ?? ''));

  async function callLater(id: string, index: number) {
    for (let turns = index % 5; turns > 0; turns--) await turn();
    if (roundTrip > 3) await sleep((roundTrip * index) / sessions.length);
    return call(store, id);
  }
  const raced = sessions.slice(1);
  await Promise.all(
    raced.flatMap(({ id }, index) => [store[method](id), store[method](id), callLater(id, index)]),
  );
  return { store, ids: raced.map(({ id }) => id), inTime };
}

async function measure(call: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await call();
  return performance.now() - start;
}
