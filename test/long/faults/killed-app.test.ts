import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findBinary } from '../../servers/find-binary.js';
import { needs } from '../../servers/needs.js';
import { startPostgres } from '../../servers/postgres.js';
import { startRedis } from '../../servers/redis.js';
import { START_LIMIT, temporaryFolder } from '../../servers/server-process.js';
import { recordFigures } from './figures.js';
import { LONG } from './long.js';
import { DURABLE as DURABLE_POSTGRES, migrate as migratePostgres } from './postgres-faults.js';
import { DURABLE as DURABLE_REDIS } from './redis-faults.js';
import { migrate as migrateSqlite } from './sqlite-faults.js';
import type { StoreName, StoreSetting } from './stores-by-name.js';
import { type Survival, writeUntilKilled } from './write-until-killed.js';

const KILLS = LONG ? 100 : 5;
const LIMIT = START_LIMIT + KILLS * 8000;

const ON_REDIS: StoreName[] = ['Redis (node-redis)', 'Redis (ioredis)', 'express-session (connect-redis)'];

/** The stores whose server this machine has. All of them are in the app that is killed. */
describe('An app that is killed while it writes', () => {
  const stops: (() => unknown)[] = [];
  let survivals: Survival[] = [];
  beforeAll(async () => {
    survivals = await writeUntilKilled(await startStores(stops), KILLS);
  }, LIMIT);
  afterAll(() => Promise.all(stops.map((stop) => stop())), START_LIMIT);

  function survives(store: StoreName): void {
    it(`has lost nothing of what it acknowledged, after ${KILLS} times: ${store}`, () => {
      const survival = survivals.find((one) => one.store === store);
      const { acknowledged = 0, lost = -1, cutOff = 0 } = survival ?? {};
      recordFigures(store, {
        killed: `${acknowledged}, ${lost}, in ${KILLS} kills`,
      });
      expect(acknowledged).toBeGreaterThan(KILLS);
      expect(cutOff).toBeGreaterThan(0);
      expect(lost).toBe(0);
    });
  }

  needs('redis-server')('on Redis', () => ON_REDIS.forEach(survives));
  needs('postgres')('on PostgreSQL', () => survives('PostgreSQL (pg)'));
  survives('SQLite (libsql)');
});

async function startStores(stops: (() => unknown)[]): Promise<StoreSetting[]> {
  const settings: StoreSetting[] = [];
  if (findBinary('redis-server')) {
    const redis = await startRedis(DURABLE_REDIS);
    stops.push(redis.stop);
    settings.push(...ON_REDIS.map((store) => ({ store, urls: [redis.url] })));
  }
  if (findBinary('postgres')) {
    const postgres = await startPostgres(DURABLE_POSTGRES);
    stops.push(postgres.stop);
    await migratePostgres(postgres.url);
    settings.push({ store: 'PostgreSQL (pg)', urls: [postgres.url] });
  }
  const folder = temporaryFolder('sqlite-killed');
  stops.push(folder.remove);
  const file = join(folder.path, 'sessions.db');
  migrateSqlite(file);
  return [...settings, { store: 'SQLite (libsql)', urls: [file] }];
}
