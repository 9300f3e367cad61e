import { createServer } from 'node:http';
import express from 'express';
import pg from 'pg';
import { attachSession, createSessionRouter } from '../../dist/esm/index.js';
import { createPostgresStore } from '../../dist/esm/stores/postgres.js';
import { SECRET } from '../peers/secret.ts';

export default async function ourMiddlewareOnPostgres(url: string) {
  const pool = new pg.Pool({ connectionString: url });
  const store = createPostgresStore((statement) => pool.query(statement));
  await store.migrate();
  const app = express();
  const options = { cookie: { secret: SECRET } };
  app.use(attachSession(store, options));
  app.get('/articles', (req, res) => {
    res.json({ readBy: req.sessionInfo?.customerId });
  });
  app.use(createSessionRouter(store, options));
  return createServer(app);
}
