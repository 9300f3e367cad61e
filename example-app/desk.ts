import { type Request, Router } from 'express';
import { attachSession, type SessionStore } from 'express-session-info';
import { problem } from './problem.js';
import type { Timeline } from './timeline.js';

export interface DeskOptions {
  readonly store: SessionStore;
  readonly timeline: Timeline;
  readonly mayServe: (req: Request) => boolean;
}

/**
 * The agent's view of one session: `GET /{sessionId}` answers its SessionInfo and its requests on a time line. An agent takes
 * a session over by the API: `POST /sessions/{sessionId}` with the header gkc_agentId. Looking at a session is a use of it,
 * so a session that is watched does not end for want of use.
 */
export function createDesk({ store, timeline, mayServe }: DeskOptions): Router {
  const desk = Router();
  desk.use((req, res, next) => {
    if (mayServe(req)) next();
    else res.status(403).json(problem('forbidden', 'Forbidden'));
  });
  desk.get(
    '/:sessionId',
    attachSession(store, { required: true, sources: (req) => String(req.params.sessionId) }),
    ({ sessionInfo: session }, res) => {
      const requests = session ? timeline.entries(session.sessionId) : [];
      res.set('Cache-Control', 'no-store').json({ session, requests });
    },
  );
  return desk;
}
