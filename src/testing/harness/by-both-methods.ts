import type { CaseTime, CheckInTime } from './case-time.js';
import { findLive, idsOf } from './customers.js';
import { freshValue } from './fresh.js';
import type { Check, OpenStore } from './kit-cases.js';
import type { StoreUnderTest } from './store-under-test.js';

/** Sets some sessions up: those that the result must include, or must not. */
export type Situation = (
  customerId: string,
  open: OpenStore,
  time: CaseTime,
) => Promise<{ store: StoreUnderTest; ids: string[]; inTime?: CheckInTime }>;

export type Method = 'listByCustomer' | 'deleteByCustomer';
/** What a method does with a session, for messages. */
export const VERB = { listByCustomer: 'list', deleteByCustomer: 'end' } as const;

export type Expect = (method: Method, result: unknown[], ids: string[]) => void;

export function forBothMethods(situations: Record<string, Situation>, expect: Expect): Record<string, Check> {
  return Object.fromEntries(
    Object.entries(situations).flatMap(([name, situation]) => [
      [`${name}, listed`, forMethod(situation, expect, 'listByCustomer')],
      [`${name}, ended`, forMethod(situation, expect, 'deleteByCustomer')],
    ]),
  );
}

export function forMethod(situation: Situation, expect: Expect, method: Method): Check {
  return async (open, time) => {
    const customerId = freshValue();
    const { store, ids, inTime } = await situation(customerId, open, time);
    const result = await resultOf(store, method, customerId, ids);
    inTime?.();
    expect(method, result, ids);
  };
}

/** The IDs that a call listed, or which of some IDs it ended. */
export async function resultOf(store: StoreUnderTest, method: Method, customerId: string, ids: string[]) {
  if (method === 'listByCustomer') return idsOf(await store.listByCustomer(customerId));
  await store.deleteByCustomer(customerId);
  const live = await findLive(store, ids);
  return ids.filter((id) => !live.includes(id));
}
