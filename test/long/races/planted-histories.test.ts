import pg from 'pg';
import { createClient } from 'redis';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Awaitable, SessionStore } from '../../../src/session-store.js';
import { createPostgresStore, type PostgresQuery } from '../../../src/stores/postgres/postgres.js';
import type { SendRedisCommand } from '../../../src/stores/redis/redis.js';
import { needs } from '../../servers/needs.js';
import { type PostgresServer, startPostgres } from '../../servers/postgres.js';
import { type RedisServer, startRedis } from '../../servers/redis.js';
import { START_LIMIT } from '../../servers/server-process.js';
import { checkHistories } from './histories.js';
import { plantedPostgresStores } from './planted-postgres.js';
import { plantedRedisStores } from './planted-redis.js';

/** Chance decides how many it takes; test/long/races/interleavings.test.ts, which leaves nothing to it, finds the faults at once. */
const MOST_HISTORIES = 3000;

async function expectRejected(stores: readonly SessionStore[]): Promise<void> {
  const { violations } = await checkHistories(stores, MOST_HISTORIES, { seed: 1, stopAtFirst: true });
  expect(violations).toHaveLength(1);
}

/** The fault is one of calls at the same time. */
async function expectRightOneByOne(stores: readonly SessionStore[]): Promise<void> {
  const checked = await checkHistories(stores, 20, { seed: 1, clients: 1 });
  expect(checked).toMatchObject({ violations: [], failures: [] });
}

/** A transaction on a connection must not meet the next call of the same client. */
function oneAtATime(store: SessionStore): SessionStore {
  let last: Promise<unknown> = Promise.resolve();
  function inTurn<Value>(call: () => Awaitable<Value>): Promise<Value> {
    const turn = last.then(call);
    last = turn.catch(() => {});
    return turn;
  }
  return {
    create: (sessionId, associations) => inTurn(() => store.create(sessionId, associations)),
    get: (sessionId) => inTurn(() => store.get(sessionId)),
    peek: (sessionId) => inTurn(() => store.peek(sessionId)),
    update: (sessionId, associations) => inTurn(() => store.update(sessionId, associations)),
    delete: (sessionId) => inTurn(() => store.delete(sessionId)),
  };
}

needs('redis-server')('histories of a planted Redis store', () => {
  let server: RedisServer;
  const clients: { close(): unknown }[] = [];
  const sends: SendRedisCommand[] = [];
  beforeAll(async () => {
    server = await startRedis();
    for (let i = 0; i < 4; i++) {
      const client = await createClient({ url: server.url }).connect();
      clients.push(client);
      sends.push((args) => client.sendCommand(args));
    }
  }, START_LIMIT);
  afterAll(async () => {
    await Promise.all(clients.map((client) => client.close()));
    await server?.stop();
  });

  it.each(Object.entries(plantedRedisStores))(
    'are linearizable call by call, and not when they are at once: %s',
    async (_, create) => {
      const stores = sends.map((send) => create(send));
      await expectRightOneByOne(stores);
      await expectRejected(stores);
    },
  );
});

needs('postgres')('histories of a planted Postgres store', () => {
  let server: PostgresServer;
  const clients: pg.Client[] = [];
  const queries: PostgresQuery[] = [];
  beforeAll(async () => {
    server = await startPostgres();
    for (let i = 0; i < 4; i++) {
      const client = new pg.Client(server.url);
      clients.push(client);
      await client.connect();
      queries.push((statement) => client.query(statement));
    }
    await createPostgresStore(queries[0] as PostgresQuery).migrate();
  }, START_LIMIT);
  afterAll(async () => {
    await Promise.all(clients.map((client) => client.end()));
    await server?.stop();
  });

  it.each(Object.entries(plantedPostgresStores))(
    'are linearizable call by call, and not when they are at once: %s',
    async (_, create) => {
      const stores = queries.map((query) => oneAtATime(create(query)));
      await expectRightOneByOne(stores);
      await expectRejected(stores);
    },
  );
});
