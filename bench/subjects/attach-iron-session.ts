import { createServer } from 'node:http';
import express from 'express';
import { getIronSession } from 'iron-session';
import type { Associations } from '../peers/associations.ts';
import { SECRET } from '../peers/secret.ts';
import { ASSOCIATIONS } from '../visitors.ts';

const options = { password: SECRET, cookieName: 'session', cookieOptions: { secure: false } };

export default function sessionSealedInTheCookie() {
  const app = express();
  app.get('/articles', async (req, res) => {
    const session = await getIronSession<Associations>(req, res, options);
    res.json({ readBy: session.customerId });
  });
  app.put('/sessions/new', async (req, res) => {
    const session = await getIronSession<Associations>(req, res, options);
    Object.assign(session, ASSOCIATIONS);
    await session.save();
    res.status(201).json({});
  });
  return createServer(app);
}
