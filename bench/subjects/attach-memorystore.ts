import { createServer } from 'node:http';
import express from 'express';
import session from 'express-session';
import createMemoryStore from 'memorystore';
import { openSessionRoute } from '../peers/open-session-route.ts';
import { SECRET } from '../peers/secret.ts';

export default function expressSessionWithMemorystore() {
  const app = express();
  const MemoryStore = createMemoryStore(session);
  const store = new MemoryStore({ checkPeriod: 24 * 60 * 60 * 1000 });
  app.use(session({ secret: SECRET, resave: false, saveUninitialized: false, store }));
  app.get('/articles', (req, res) => {
    res.json({ readBy: req.session.customerId });
  });
  app.put('/sessions/new', openSessionRoute);
  return createServer(app);
}
