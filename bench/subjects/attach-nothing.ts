import { createServer } from 'node:http';
import express from 'express';
import { ASSOCIATIONS } from '../visitors.ts';

export default function noSession() {
  const app = express();
  app.get('/articles', (_req, res) => {
    res.json({ readBy: ASSOCIATIONS.customerId });
  });
  app.put('/sessions/new', (_req, res) => {
    // As long as the cookie of the other sides, so that the requests are of one size.
    res.cookie('connect.sid', `s:${'0'.repeat(36)}.${'0'.repeat(43)}`, { path: '/', httpOnly: true });
    res.status(201).json({});
  });
  return createServer(app);
}
