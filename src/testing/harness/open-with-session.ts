import type { SessionAssociations } from '../../session-info.js';
import type { CaseTime, CheckInTime } from './case-time.js';
import { expectAlive, expectSession } from './expect-session.js';
import { freshSessionId, freshValue } from './fresh.js';
import type { OpenStore } from './kit-cases.js';
import type { StoreUnderTest } from './store-under-test.js';

/** Opens a store with a new session in it. */
export async function openWithSession(open: OpenStore, associations?: SessionAssociations) {
  const store = await open();
  return { store, ...(await createSession(store, associations)) };
}

/** Opens a store with a session in it that had activity and has expired. */
export async function openWithExpiredSession(open: OpenStore, time: CaseTime) {
  const idleTimeout = 200;
  const store = await open({ idleTimeout });
  const inTime = time.startTimeout(idleTimeout);
  const { id } = await createSession(store);
  expectAlive('update', await store.update(id, {}), inTime);
  await time.waitPast(idleTimeout);
  return { store, id };
}

/** Creates a session and returns what it should be, copied: what the store returned might be what it stores. */
export async function createSession(
  store: StoreUnderTest,
  associations: SessionAssociations = { visitId: freshValue() },
) {
  const id = freshSessionId();
  const { createdAt, updatedAt } = expectSession('create', await store.create(id, { ...associations }));
  return { id, associations, createdAt, updatedAt };
}

/** The store and a session in it, kept alive by one call, after the deadline that it was created with. */
export interface KeptAlive {
  readonly store: StoreUnderTest;
  readonly id: string;
  readonly inTime: CheckInTime;
}

/** Opens a store with a session in it that `keep` kept alive past its first deadline. */
export async function openWithKeptAlive(
  open: OpenStore,
  time: CaseTime,
  keep: (store: StoreUnderTest, id: string) => Promise<unknown>,
  associations: SessionAssociations = {},
): Promise<KeptAlive> {
  const idleTimeout = 400;
  const store = await open({ idleTimeout });
  const createdInTime = time.startTimeout(idleTimeout);
  const { id } = await createSession(store, associations);
  const created = performance.now();
  await time.sleepUntil(created, 220);
  const inTime = time.startTimeout(idleTimeout);
  expectAlive('get', await keep(store, id), createdInTime);
  await time.sleepUntil(created, idleTimeout + 20);
  return { store, id, inTime };
}

/** Two such sessions, one kept alive by each method, one after the other looked at. */
export async function withEachKeptAlive(
  open: OpenStore,
  time: CaseTime,
  look: (kept: KeptAlive) => Promise<void>,
): Promise<void> {
  await Promise.all([
    openWithKeptAlive(open, time, (store, id) => store.get(id)).then(look),
    openWithKeptAlive(open, time, (store, id) => store.update(id, {})).then(look),
  ]);
}

/** Several concurrent creates of one ID, each with another visit. */
export function createSeveral(store: StoreUnderTest, id: string): Promise<unknown[]> {
  return Promise.all(Array.from({ length: 8 }, () => store.create(id, { visitId: freshValue() })));
}
