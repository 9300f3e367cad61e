import { createServer, type Server } from 'node:http';
import express from 'express';
import { attachSession, createSessionRouter, type SessionStore } from '../dist/esm/index.js';
import { SECRET } from './peers/secret.ts';

/** An app of Express with a route of its own, to which our middleware attaches the session of `store` by signed cookie. */
export function createOurHost(store: SessionStore): Server {
  const app = express();
  const options = { cookie: { secret: SECRET } };
  app.use(attachSession(store, options));
  app.get('/articles', (req, res) => {
    res.json({ readBy: req.sessionInfo?.customerId });
  });
  app.use(createSessionRouter(store, options));
  return createServer(app);
}
