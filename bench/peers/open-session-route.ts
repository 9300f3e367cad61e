import type { Request, Response } from 'express';
import { ASSOCIATIONS } from '../visitors.ts';
import type { Associations } from './associations.ts';

declare module 'express-session' {
  interface SessionData extends Associations {}
}

/** Makes a session of express-session with the four members. */
export function openSessionRoute(req: Request, res: Response): void {
  Object.assign(req.session, ASSOCIATIONS);
  res.status(201).json({ sessionId: req.sessionID });
}
