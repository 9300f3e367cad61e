import assert from 'node:assert/strict';
import session from 'express-session';
import { createExpressSessionStore } from 'express-session-info/express-session';

export async function use(): Promise<void> {
  const store = createExpressSessionStore(new session.MemoryStore(), { idleTimeout: 60_000 });
  await store.create('session-1', { visitId: 'visit-1' });
  await store.update('session-1', { customerId: 'anna' });
  const found = await store.get('session-1');
  assert.deepEqual([found?.visitId, found?.customerId], ['visit-1', 'anna']);
  assert.equal(await store.delete('session-1'), true);
  // @ts-expect-error a store has get, set and destroy
  assert.throws(() => createExpressSessionStore({}), TypeError);
}
