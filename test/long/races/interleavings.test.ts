import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { createPostgresStore } from '../../../src/stores/postgres/postgres.js';
import { needs } from '../../servers/needs.js';
import { type PostgresServer, startPostgres } from '../../servers/postgres.js';
import { type RedisServer, startRedis } from '../../servers/redis.js';
import { START_LIMIT, temporaryFolder } from '../../servers/server-process.js';
import { INTERLEAVING_NAMES, INTERLEAVINGS, type InterleavingName, interleave } from './interleavings.js';
import { plantedPostgresStores } from './planted-postgres.js';
import { plantedRedisStores } from './planted-redis.js';
import {
  bridgeRacecourse,
  memoryRacecourse,
  type OpenRacecourse,
  postgresRacecourse,
  redisRacecourse,
  sqliteRacecourse,
} from './racecourses.js';
import { recordFigures, type StoreName } from './record-figures.js';

/** How many orders were tried on each store, and how many of the interleavings had one with a wrong outcome. */
const tried: Partial<Record<StoreName, number>> = {};
const wrong: Partial<Record<StoreName, number>> = {};

/** On a store that keeps its promises no order of commands has an outcome that calls in a row could not have. */
function itStandsAll(store: StoreName, open: () => OpenRacecourse | Promise<OpenRacecourse>): void {
  let course: OpenRacecourse;
  beforeAll(async () => {
    course = await open();
  }, START_LIMIT);
  afterAll(async () => {
    await course?.close?.();
    recordFigures(store, {
      'orders of commands, scripted': tried[store] ?? 0,
      'interleavings with a wrong outcome': wrong[store] ?? 0,
    });
  });

  it.each(INTERLEAVING_NAMES)('stands %s in every order', async (name) => {
    const { schedules, violation, errors } = await interleave(course, INTERLEAVINGS[name]);
    tried[store] = (tried[store] ?? 0) + schedules;
    wrong[store] = (wrong[store] ?? 0) + (violation ? 1 : 0);
    expect(violation).toBeUndefined();
    expect(errors).toEqual([]);
    expect(schedules).toBeGreaterThanOrEqual(2);
  });
}

/** The interleavings that tell a store with a fault from a right one. */
async function caughtBy(course: OpenRacecourse, names = INTERLEAVING_NAMES): Promise<InterleavingName[]> {
  const caught: InterleavingName[] = [];
  for (const name of names) if ((await interleave(course, INTERLEAVINGS[name])).violation) caught.push(name);
  await course.close?.();
  return caught;
}

needs('redis-server')('two connections to Redis', () => {
  let server: RedisServer;
  beforeAll(async () => {
    server = await startRedis();
  }, START_LIMIT);
  afterAll(() => server?.stop());

  itStandsAll('Redis (node-redis)', () => redisRacecourse(server.url));

  it.each<[keyof typeof plantedRedisStores, InterleavingName[]]>([
    ['read-modify-write', ['merge/merge', 'merge/delete', 'merge/expire', 'post/delete', 'post/expire']],
    [
      'EXISTS, then create',
      ['create/create', 'create/create after expiry', 'post/post', 'post/post after expiry'],
    ],
    ['EXISTS, then HSET', ['merge/merge', 'merge/delete', 'merge/expire', 'post/delete', 'post/expire']],
    ['a command for each member', ['merge/merge', 'read/merge', 'peek/merge']],
  ])('catch a planted fault: %s', async (fault, interleavings) => {
    expect(await caughtBy(await redisRacecourse(server.url, plantedRedisStores[fault]))).toEqual(
      interleavings,
    );
  });
});

needs('postgres')('two connections to PostgreSQL', () => {
  let server: PostgresServer;
  beforeAll(async () => {
    server = await startPostgres(['deadlock_timeout=50ms']);
  }, START_LIMIT);
  afterAll(() => server?.stop());

  describe('alone', () => itStandsAll('PostgreSQL (pg)', () => postgresRacecourse(server.url)));
  describe.each(['COMMIT', 'ROLLBACK'] as const)('and a third that holds the row until its %s', (ending) =>
    itStandsAll('PostgreSQL (pg)', () => postgresRacecourse(server.url, createPostgresStore, ending)),
  );

  it.each<[keyof typeof plantedPostgresStores, InterleavingName[]]>([
    ['read-modify-write', ['merge/merge', 'merge/expire', 'post/expire']],
    [
      'FOR UPDATE, then create',
      ['create/create', 'create/create after expiry', 'post/post', 'post/post after expiry'],
    ],
    [
      'UPDATE, then INSERT',
      [
        'create/create',
        'create/create after expiry',
        'merge/delete',
        'merge/expire',
        'post/post',
        'post/post after expiry',
        'post/delete',
        'post/expire',
      ],
    ],
  ])('catch a planted fault: %s', async (fault, interleavings) => {
    expect(await caughtBy(await postgresRacecourse(server.url, plantedPostgresStores[fault]))).toEqual(
      interleavings,
    );
  });

  it('do not catch one statement that merges with its snapshot', async () => {
    const create = plantedPostgresStores['one statement, from its snapshot'];
    expect(await caughtBy(await postgresRacecourse(server.url, create))).toEqual([]);
  });

  // Of merge/merge one is lost whoever gets the row first. That is up to the server, and with merge/expire it matters.
  it.each(['COMMIT', 'ROLLBACK'] as const)(
    'catch it when a third holds the row until its %s',
    async (ending) => {
      const create = plantedPostgresStores['one statement, from its snapshot'];
      const course = await postgresRacecourse(server.url, create, ending);
      expect(await caughtBy(course, ['create/create', 'merge/merge'])).toEqual(['merge/merge']);
    },
  );
});

describe('two connections to one SQLite file', () => {
  const folder = temporaryFolder('races');
  afterAll(folder.remove);
  itStandsAll('SQLite (libsql)', () => sqliteRacecourse(join(folder.path, 'sessions.db')));
});

describe('in one process', () => {
  beforeAll(() => void vi.useFakeTimers({ toFake: ['Date'] }));
  afterAll(() => void vi.useRealTimers());
  const advanceClock = (milliseconds: number) => void vi.setSystemTime(Date.now() + milliseconds);

  describe('two callers of the memory store', () =>
    itStandsAll('memory', () => memoryRacecourse(advanceClock)));

  describe('two bridges to one store made for express-session', () =>
    itStandsAll('express-session (connect-redis)', () => bridgeRacecourse(advanceClock)));

  it('bridges of two processes are caught: they are not atomic, as their documentation says', async () => {
    expect(await caughtBy(bridgeRacecourse(advanceClock, { processes: 2 }))).toEqual([
      'create/create',
      'create/create after expiry',
      'merge/merge',
      'merge/delete',
      'read/merge',
      'read/delete',
      'delete/delete',
      'post/post',
      'post/post after expiry',
      'post/delete',
    ]);
  });
});
