import assert from 'node:assert/strict';
import { createMemoryStore, type SessionStore } from 'express-session-info';
import { type CreateStore, type SessionStoreCase, sessionStoreCases } from 'express-session-info/testing';

/** Some cases are enough here, and none that waits. */
function someCases(createStore: CreateStore): SessionStoreCase[] {
  const quick = sessionStoreCases(createStore).filter(({ name }) => !/expire|timeout|activity/i.test(name));
  return quick.slice(0, 20);
}

export async function use(): Promise<void> {
  const cases = someCases((timeouts) => createMemoryStore(timeouts));
  assert.equal(cases.length, 20);
  for (const { run } of cases) await run();

  const forgetful: SessionStore = { ...createMemoryStore(), get: () => undefined, peek: () => undefined };
  const outcomes = await Promise.allSettled(someCases(() => forgetful).map(({ run }) => run()));
  assert.ok(outcomes.some(({ status }) => status === 'rejected'));
}
