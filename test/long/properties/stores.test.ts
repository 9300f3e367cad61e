import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { needs } from '../../servers/needs.js';
import { START_LIMIT } from '../../servers/server-process.js';
import { associations } from './arbitraries.js';
import { commandLists, TIMEOUTS } from './commands.js';
import { Model } from './model.js';
import { holds, TIME_LIMIT } from './runs.js';
import { type OpenedStore, openBridge, openMemory, openPostgres, openRedis, openSqlite } from './stores.js';

function storeProperties(open: () => OpenedStore | Promise<OpenedStore>): void {
  let opened: OpenedStore;
  beforeAll(async () => {
    opened = await open();
  }, START_LIMIT);
  afterAll(() => opened?.close());

  it(
    'returns values exactly as it received them',
    () =>
      holds(
        fc.asyncProperty(associations, associations, async (first, second) => {
          const { store } = opened;
          const id = randomUUID();
          expect(await store.create(id, first)).toMatchObject(first);
          expect(membersOf(await store.get(id))).toEqual(first);
          expect(membersOf(await store.update(id, second))).toEqual({ ...first, ...second });
          expect(membersOf(await store.get(id))).toEqual({ ...first, ...second });
          await store.delete(id);
        }),
      ),
    TIME_LIMIT,
  );

  it(
    'does what the model does, whatever the calls and the times between them',
    () =>
      holds(
        fc.asyncProperty(commandLists, async (commands) => {
          const prefix = `${randomUUID()}-`;
          const setup = () => ({ model: new Model(TIMEOUTS), real: { ...opened, prefix } });
          await fc.asyncModelRun(setup, commands);
          for (const name of ['a', 'b', 'c']) await opened.store.delete(prefix + name);
        }),
      ),
    TIME_LIMIT,
  );
}

function membersOf(info: object | undefined): object {
  const { sessionId, createdAt, updatedAt, ...members } = info as Record<string, string>;
  return members;
}

describe('the memory store', () => storeProperties(openMemory));

describe('the bridge to express-session', () => storeProperties(openBridge));

describe('the SQLite store', () => storeProperties(openSqlite));

needs('redis-server')('the Redis store', () => storeProperties(openRedis));

needs('postgres')('the Postgres store', () => storeProperties(openPostgres));
