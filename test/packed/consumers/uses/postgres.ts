import assert from 'node:assert/strict';
import {
  createPostgresStore,
  type PostgresStatement,
  type PostgresStore,
} from 'express-session-info/postgres';

/** Without a server: first there is no session, then the connection is lost. */
export async function use(): Promise<void> {
  const sent: PostgresStatement[] = [];
  const store: PostgresStore = createPostgresStore(
    async (statement) => {
      sent.push(statement);
      if (sent.length > 1) throw new Error('connection lost');
      return { rows: [] };
    },
    { table: 'visits' },
  );
  assert.equal(await store.get('session-1'), undefined);
  await assert.rejects(async () => store.get('session-1'), /connection lost/);
  assert.match(sent[0]?.text ?? '', /"visits"/);
  assert.match(JSON.stringify(sent[0]?.values), /session-1/);
  assert.equal(typeof store.listByCustomer, 'function');
  // @ts-expect-error a pool is not a function
  assert.throws(() => createPostgresStore({ query: async () => ({ rows: [] }) }), TypeError);
}
