import { createServer } from 'node:http';
import createPgStore from 'connect-pg-simple';
import express from 'express';
import session from 'express-session';
import pg from 'pg';
import { openSessionRoute } from '../peers/open-session-route.ts';
import { SECRET } from '../peers/secret.ts';

export default function expressSessionOnPostgres(url: string) {
  const pool = new pg.Pool({ connectionString: url });
  const PgStore = createPgStore(session);
  const app = express();
  // As long when idle as ours.
  const store = new PgStore({ pool, ttl: 30 * 60, createTableIfMissing: true });
  app.use(session({ secret: SECRET, resave: false, saveUninitialized: false, store }));
  app.get('/articles', (req, res) => {
    res.json({ readBy: req.session.customerId });
  });
  app.put('/sessions/new', openSessionRoute);
  return createServer(app);
}
