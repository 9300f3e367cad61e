import { type Request, Router } from 'express';
import {
  attachSession,
  getSession,
  requireSession,
  type SessionInfo,
  type SessionStore,
} from 'express-session-info';
import type { Timeline, TimelineEntry } from './timeline.js';

export interface DeskOptions {
  readonly store: SessionStore;
  readonly timeline: Timeline;
}

/** What a page that polls a session gets. */
type Look =
  | { state: 'live'; session: SessionInfo; requests: readonly TimelineEntry[] }
  | { state: 'renewed'; sessionId: string }
  | { state: 'gone' };

/**
 * The agent's view of one session: `GET /{sessionId}` responds with its SessionInfo and its requests on a time line. An agent takes
 * a session over by the API: `POST /sessions/{sessionId}` with the header gkc_agentId. Watching a session does not count as activity, so
 * the session of a visitor who left expires although a desk is open.
 *
 * `GET /{sessionId}/live` is for pages that poll: it is no error there that a session has ended, or continues under another ID since the
 * visitor logged in. Only services may ask, so it is safe to tell them the new ID: anyone else could use it to take the session over.
 */
export function createDesk({ store, timeline }: DeskOptions): Router {
  const attach = attachSession(store, { sources: [idInPath], extend: false });
  const desk = Router();
  desk.use((_req, res, next) => {
    res.set('Cache-Control', 'no-store');
    next();
  });
  desk.get('/:sessionId', attach, requireSession(), (req, res) => {
    const session = getSession(req);
    res.json({ session, requests: timeline.entries(session.sessionId) });
  });
  desk.get('/:sessionId/live', attach, (req, res) => {
    res.json(look(timeline, idInPath(req), req.sessionInfo));
  });
  return desk;
}

function idInPath(req: Request): string {
  return String(req.params.sessionId);
}

function look(timeline: Timeline, sessionId: string, session: SessionInfo | undefined): Look {
  const newId = timeline.renamedTo(sessionId);
  if (newId !== undefined) return { state: 'renewed', sessionId: newId };
  if (!session) return { state: 'gone' };
  return { state: 'live', session, requests: timeline.entries(sessionId) };
}
