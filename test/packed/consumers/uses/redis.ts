import assert from 'node:assert/strict';
import type { SessionStore } from 'express-session-info';
import { createRedisStore } from 'express-session-info/redis';

export async function use(): Promise<void> {
  const sent: [string[], string][] = [];
  const store: SessionStore = createRedisStore(
    async (args, key) => {
      sent.push([args, key]);
      throw new Error('connection lost');
    },
    { prefix: 'visits:', idleTimeout: 60_000 },
  );
  await assert.rejects(async () => store.get('session-1'), /connection lost/);
  assert.equal(sent[0]?.[0][0], 'EVALSHA');
  assert.equal(sent[0]?.[1], 'visits:session-1');
  // @ts-expect-error a client is not a function
  assert.throws(() => createRedisStore({ sendCommand: async () => null }), TypeError);
}
