import { createServer } from 'node:http';
import { RedisStore } from 'connect-redis';
import express from 'express';
import session from 'express-session';
import { createClient } from 'redis';
import { openSessionRoute } from '../peers/open-session-route.ts';
import { SECRET } from '../peers/secret.ts';

export default async function expressSessionOnRedis(url: string) {
  const client = await createClient({ url }).connect();
  const app = express();
  // As long when idle as ours.
  const store = new RedisStore({ client, ttl: 30 * 60 });
  app.use(session({ secret: SECRET, resave: false, saveUninitialized: false, store }));
  app.get('/articles', (req, res) => {
    res.json({ readBy: req.session.customerId });
  });
  app.put('/sessions/new', openSessionRoute);
  return createServer(app);
}
