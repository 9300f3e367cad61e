import { createServer } from 'node:http';
import createPgStore from 'connect-pg-simple';
import { RedisStore } from 'connect-redis';
import cookieSessionMiddleware from 'cookie-session';
import express, { type Request } from 'express';
import session from 'express-session';
import { getIronSession } from 'iron-session';
import createMemorystore from 'memorystore';
import { ASSOCIATIONS } from '../routes.ts';
import type { Associations } from './hand-written.ts';
import { SECRET } from './secret.ts';

declare module 'express-session' {
  interface SessionData extends Associations {}
}

/** express-session on its MemoryStore. */
export function memoryStore() {
  return expressSession();
}

export function memorystore() {
  const Store = createMemorystore(session);
  return expressSession(new Store({ checkPeriod: 24 * 60 * 60 * 1000 }));
}

export async function connectRedis(url = '') {
  const { createClient } = await import('redis');
  const client = await createClient({ url }).connect();
  return expressSession(new RedisStore({ client, ttl: IDLE_SECONDS }));
}

export async function connectPgSimple(url = '') {
  const { Pool } = (await import('pg')).default;
  const pool = new Pool({ connectionString: url });
  const Store = createPgStore(session);
  return expressSession(new Store({ pool, ttl: IDLE_SECONDS, createTableIfMissing: true }));
}

/** The session is in the cookie, signed. */
export function cookieSession() {
  const app = express();
  app.use(cookieSessionMiddleware({ name: 'session', keys: [SECRET], maxAge: 24 * 60 * 60 * 1000 }));
  app.get('/articles', (req, res) => {
    res.json({ readBy: req.session?.customerId });
  });
  app.put('/sessions/new', (req, res) => {
    res.status(201).json(Object.assign(req.session as object, associationsOf(req)));
  });
  return createServer(app);
}

/** The session is in the cookie, encrypted. */
export function ironSession() {
  const options = { password: SECRET, cookieName: 'session', cookieOptions: { secure: false } };
  const app = express();
  app.get('/articles', async (req, res) => {
    const { customerId } = await getIronSession<Associations>(req, res, options);
    res.json({ readBy: customerId });
  });
  app.put('/sessions/new', async (req, res) => {
    const opened = Object.assign(await getIronSession<Associations>(req, res, options), associationsOf(req));
    await opened.save();
    res.status(201).json(opened);
  });
  return createServer(app);
}

/** The same route behind a middleware that does nothing. Its requests carry a cookie as long as that of the others. */
export function nothing() {
  const app = express();
  app.use((_req, _res, next) => next());
  app.get('/articles', (_req, res) => {
    res.json({ readBy: 'customer-10000' });
  });
  app.put('/sessions/new', (_req, res) => {
    res.cookie('connect.sid', `s:${'0'.repeat(36)}.${'0'.repeat(43)}`, { path: '/', httpOnly: true });
    res.status(201).json({ customerId: 'customer-10000' });
  });
  return createServer(app);
}

/** As long when idle as our stores. */
const IDLE_SECONDS = 30 * 60;

function expressSession(store?: session.Store) {
  const app = express();
  app.use(session({ secret: SECRET, resave: false, saveUninitialized: false, ...(store && { store }) }));
  app.get('/articles', (req, res) => {
    res.json({ readBy: req.session.customerId });
  });
  app.put('/sessions/new', (req, res) => {
    Object.assign(req.session, associationsOf(req));
    res.status(201).json({ ...req.session, sessionId: req.sessionID });
  });
  return createServer(app);
}

function associationsOf(req: Request) {
  return { ...ASSOCIATIONS, customerId: String(req.headers.gkc_customerid) };
}
