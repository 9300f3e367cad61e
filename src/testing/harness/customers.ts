import { strict as assert } from 'node:assert';
import type { SessionAssociations, SessionInfo } from '../../session-info.js';
import { waitForNextTime } from './case-time.js';
import { expectSession, isSession, show } from './expect-session.js';
import { freshSessionId } from './fresh.js';
import type { StoreUnderTest } from './store-under-test.js';

/** The list that `listByCustomer` returned. Fails if it is not a list of sessions. */
export function expectList(result: unknown): readonly SessionInfo[] {
  assert.ok(Array.isArray(result), `store.listByCustomer must return a list here, not ${show(result)}`);
  for (const entry of result) {
    assert.ok(
      isSession(entry),
      `store.listByCustomer must return a list of sessions, without ${show(entry)}`,
    );
  }
  return result;
}

/** The IDs of the sessions that `listByCustomer` returned; whether it is a list of sessions is left to other cases. */
export function idsOf(result: unknown): unknown[] {
  return Array.isArray(result) ? result.map((info) => info?.sessionId) : [];
}

/** IDs for a message: the first few, and how many more. */
export function showIds(ids: readonly unknown[]): string {
  const shown = ids.slice(0, 3).map((id) => (typeof id === 'string' ? id : show(id)));
  return [...shown, ...(ids.length > 3 ? [`${ids.length - 3} more`] : [])].join(', ') || 'none';
}

/** Which of some sessions are live. */
export async function findLive(store: StoreUnderTest, ids: readonly string[]): Promise<string[]> {
  const infos = await Promise.all(ids.map((id) => store.peek(id)));
  return ids.filter((_, index) => isSession(infos[index]));
}

/** Creates sessions one after the other, each later than the one before. Oldest first. */
export async function createInTurn(
  store: StoreUnderTest,
  count: number,
  associations: SessionAssociations,
): Promise<SessionInfo[]> {
  const sessions: SessionInfo[] = [];
  for (let index = 0; index < count; index++) {
    if (index > 0) await waitForNextTime();
    const created = expectSession('create', await store.create(freshSessionId(), associations));
    sessions.push({ ...created });
  }
  return sessions;
}

/** Creates many sessions of a customer, some at once. */
export async function createMany(store: StoreUnderTest, count: number, customerId: string) {
  const sessions: SessionInfo[] = [];
  while (sessions.length < count) {
    const length = Math.min(25, count - sessions.length);
    const created = Array.from({ length }, () => store.create(freshSessionId(), { customerId }));
    for (const result of await Promise.all(created)) sessions.push({ ...expectSession('create', result) });
  }
  return sessions;
}
