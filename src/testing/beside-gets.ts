import { setImmediate as nextTurn } from 'node:timers/promises';
import type { StoreUnderTest } from './run-case.js';

/**
 * Makes a call while gets of a session are under way: so many turns of the event loop after they began. No get begins later,
 * as it might put right what an earlier one undid.
 */
export async function besideGets(
  store: StoreUnderTest,
  id: string,
  turns: number,
  call: () => Promise<unknown>,
): Promise<void> {
  async function later() {
    for (let turn = 0; turn < turns; turn++) await nextTurn();
    await call();
  }
  await Promise.all([store.get(id), store.get(id), later()]);
}
