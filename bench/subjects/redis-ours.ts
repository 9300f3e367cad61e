import { createServer } from 'node:http';
import express from 'express';
import { createClient } from 'redis';
import { attachSession, createSessionRouter } from '../../dist/esm/index.js';
import { createRedisStore } from '../../dist/esm/stores/redis.js';
import { SECRET } from '../peers/secret.ts';

export default async function ourMiddlewareOnRedis(url: string) {
  const client = await createClient({ url }).connect();
  const store = createRedisStore((args) => client.sendCommand(args));
  const app = express();
  const options = { cookie: { secret: SECRET } };
  app.use(attachSession(store, options));
  app.get('/articles', (req, res) => {
    res.json({ readBy: req.sessionInfo?.customerId });
  });
  app.use(createSessionRouter(store, options));
  return createServer(app);
}
