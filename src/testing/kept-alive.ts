import type { SessionAssociations } from '../session-info.js';
import { freshSessionId } from './fresh-names.js';
import { foundInTime, retryWhenStalled, sleep } from './real-time.js';
import type { OpenStore, StoreUnderTest } from './run-case.js';

export type UseMethod = 'get' | 'update';

/** Looks at a session that one use kept alive, when the deadline that it was created with is past. */
export async function lookAtKeptAlive(
  open: OpenStore,
  use: { readonly method: UseMethod; readonly named?: SessionAssociations },
  look: (
    store: StoreUnderTest,
    id: string,
    since: { readonly lastUse: number; readonly idleTimeout: number },
  ) => Promise<void>,
): Promise<void> {
  const idleTimeout = 400;
  const store = await open({ idleTimeout });
  await retryWhenStalled(async () => {
    const id = freshSessionId();
    const created = performance.now();
    await store.create(id, {});
    await sleep(220);
    const lastUse = performance.now();
    foundInTime(use.method, await useOnce(store, use.method, id, use.named), created, idleTimeout);
    await sleep(230);
    await look(store, id, { lastUse, idleTimeout });
  });
}

/** Two such sessions, one kept alive by each method. */
export async function lookAtKeptAliveByEach(
  open: OpenStore,
  look: Parameters<typeof lookAtKeptAlive>[2],
): Promise<void> {
  await Promise.all([
    lookAtKeptAlive(open, { method: 'get' }, look),
    lookAtKeptAlive(open, { method: 'update' }, look),
  ]);
}

export function useOnce(
  store: StoreUnderTest,
  method: UseMethod,
  id: string,
  named: SessionAssociations = {},
): Promise<unknown> {
  return method === 'get' ? store.get(id) : store.update(id, named);
}
