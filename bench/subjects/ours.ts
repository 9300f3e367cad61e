import { createServer } from 'node:http';
import express, { type RequestHandler } from 'express';
import {
  attachSession,
  createMemoryStore,
  createSessionRouter,
  type SessionStore,
} from '../../dist/esm/index.js';
import { ASSOCIATIONS } from '../routes.ts';
import { numberedId } from '../visitors.ts';
import { SECRET } from './secret.ts';

const cookie = { secret: SECRET };

/** An app with a route of its own, to which the middleware attaches the session of the signed cookie. */
export function attach() {
  return appOn(createMemoryStore());
}

/** The same, where ten more middlewares of the same store handle the request. */
export function attachElevenTimes() {
  const store = createMemoryStore();
  return appOn(
    store,
    Array.from({ length: 10 }, () => attachSession(store)),
  );
}

export async function attachOnRedis(url = '') {
  const { createClient } = await import('redis');
  const { createRedisStore } = await import('../../dist/esm/stores/redis/redis.js');
  const client = await createClient({ url }).connect();
  return appOn(createRedisStore((args) => client.sendCommand(args)));
}

export async function attachOnPostgres(url = '') {
  const { Pool } = (await import('pg')).default;
  const { createPostgresStore } = await import('../../dist/esm/stores/postgres/postgres.js');
  const pool = new Pool({ connectionString: url });
  const store = createPostgresStore((statement) => pool.query(statement));
  await store.migrate();
  return appOn(store);
}

/** The router alone, on node:http; with an argument over a store that already has so many live sessions. */
export async function onNode(count = '0') {
  const store = createMemoryStore({ max: 100_000 + Number(count) });
  for (let n = 0; n < Number(count); n++) await store.create(numberedId(n), associationsOf(n));
  const router = createSessionRouter(store);
  return createServer((req, res) => {
    router(req as never, res as never, (error?: unknown) => {
      res.statusCode = error ? 500 : 404;
      res.end();
    });
  });
}

/** The router mounted in an app. */
export function onExpress() {
  const app = express();
  app.use(createSessionRouter());
  return createServer(app);
}

/** The router in front of an app: what it does not handle goes on to the app. */
export function beforeExpress() {
  const app = express();
  const router = createSessionRouter();
  return createServer((req, res) => router(req as never, res as never, () => app(req, res)));
}

function appOn(store: SessionStore, more: readonly RequestHandler[] = []) {
  const app = express();
  app.use(attachSession(store, { cookie }), ...more);
  app.get('/articles', (req, res) => {
    res.json({ readBy: req.sessionInfo?.customerId });
  });
  app.use(createSessionRouter(store, { cookie, authorize: () => true }));
  return createServer(app);
}

function associationsOf(n: number) {
  return { ...ASSOCIATIONS, customerId: `customer-${10_000 + (n % 1000)}` };
}
