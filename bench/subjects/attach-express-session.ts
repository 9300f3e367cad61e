import { createServer } from 'node:http';
import express from 'express';
import session from 'express-session';
import { openSessionRoute } from '../peers/open-session-route.ts';
import { SECRET } from '../peers/secret.ts';

export default function expressSession() {
  const app = express();
  app.use(session({ secret: SECRET, resave: false, saveUninitialized: false }));
  app.get('/articles', (req, res) => {
    res.json({ readBy: req.session.customerId });
  });
  app.put('/sessions/new', openSessionRoute);
  return createServer(app);
}
