import { createServer } from 'node:http';
import express from 'express';
import { attachSession, createMemoryStore, createSessionRouter } from '../../dist/esm/index.js';
import { SECRET } from '../peers/secret.ts';

export default function ourMiddleware() {
  const app = express();
  const store = createMemoryStore();
  const options = { cookie: { secret: SECRET } };
  app.use(attachSession(store, options));
  app.get('/articles', (req, res) => {
    res.json({ readBy: req.sessionInfo?.customerId });
  });
  app.use(createSessionRouter(store, options));
  return createServer(app);
}
