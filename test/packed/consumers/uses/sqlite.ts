import assert from 'node:assert/strict';
import { createSqliteStore } from 'express-session-info/sqlite';
import Database from 'libsql';

export async function use(): Promise<void> {
  const database = new Database(':memory:');
  const store = createSqliteStore(database);
  store.migrate();
  await store.create('session-1', { visitId: 'visit-1' });
  await store.update('session-1', { customerId: 'anna' });
  const found = await store.get('session-1');
  assert.deepEqual([found?.visitId, found?.customerId], ['visit-1', 'anna']);
  assert.equal(await store.deleteExpired(), 0);
  assert.equal(await store.delete('session-1'), true);
  database.close();
}
