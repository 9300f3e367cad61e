import { createServer } from 'node:http';
import cookieSession from 'cookie-session';
import express from 'express';
import { SECRET } from '../peers/secret.ts';
import { ASSOCIATIONS } from '../visitors.ts';

export default function sessionInTheCookie() {
  const app = express();
  app.use(cookieSession({ name: 'session', keys: [SECRET], maxAge: 24 * 60 * 60 * 1000 }));
  app.get('/articles', (req, res) => {
    res.json({ readBy: req.session?.customerId });
  });
  app.put('/sessions/new', (req, res) => {
    Object.assign(req.session as object, ASSOCIATIONS);
    res.status(201).json({});
  });
  return createServer(app);
}
