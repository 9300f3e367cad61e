import { freshValue } from './fresh-names.js';
import type { StoreUnderTest } from './run-case.js';

/** Several creates of one ID at the same time, each with another visit. */
export function createSeveral(store: StoreUnderTest, id: string): Promise<unknown[]> {
  return Promise.all(Array.from({ length: 8 }, () => store.create(id, { visitId: freshValue() })));
}
