import assert from 'node:assert/strict';
import {
  createPostgresStore,
  type PostgresStatement,
  type PostgresStore,
} from 'express-session-info/postgres';

/** Without a server: first a table with no rows, then a connection that is lost. */
export async function use(): Promise<void> {
  const sent: PostgresStatement[] = [];
  const store: PostgresStore = createPostgresStore(
    async (statement) => {
      sent.push(statement);
      if (sent.length > 2) throw new Error('connection lost');
      return { rows: [] };
    },
    { table: 'visits' },
  );
  await store.migrate();
  assert.equal(await store.get('session-1'), undefined);
  await assert.rejects(async () => store.get('session-1'), /connection lost/);
  assert.match(sent[1]?.text ?? '', /"visits"/);
  assert.ok(sent[1]?.values.includes('session-1'));
  // @ts-expect-error a pool is not a function
  assert.throws(() => createPostgresStore({ query: async () => ({ rows: [] }) }), TypeError);
}
