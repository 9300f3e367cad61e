import { type Request, Router } from 'express';
import { attachSession, type SessionInfo, type SessionStore } from 'express-session-info';
import type { Timeline, TimelineEntry } from './timeline.js';

export interface DeskOptions {
  readonly store: SessionStore;
  readonly timeline: Timeline;
}

/** What a look at a session over and over finds. */
type Look =
  | { state: 'live'; session: SessionInfo; requests: readonly TimelineEntry[] }
  | { state: 'renewed'; sessionId: string }
  | { state: 'gone' };

/**
 * The agent's view of one session: `GET /{sessionId}` answers its SessionInfo and its requests on a time line. An agent takes
 * a session over by the API: `POST /sessions/{sessionId}` with the header gkc_agentId. Looking at a session is a use of it,
 * so a session that is watched does not end for want of use.
 *
 * `GET /{sessionId}/live` is for those who look again every second: that a session has ended, or goes on under another ID
 * since the visitor logged in, is an answer there and no error. To tell the new ID is safe only because services alone may
 * ask: for anyone else it would undo what the new ID is for.
 */
export function createDesk({ store, timeline }: DeskOptions): Router {
  const sources = (req: Pick<Request, 'params'>) => String(req.params.sessionId);
  const desk = Router();
  desk.use((_req, res, next) => {
    res.set('Cache-Control', 'no-store');
    next();
  });
  desk.get(
    '/:sessionId',
    attachSession(store, { required: true, sources }),
    ({ sessionInfo: session }, res) => {
      res.json({ session, requests: session ? timeline.entries(session.sessionId) : [] });
    },
  );
  desk.get('/:sessionId/live', attachSession(store, { sources }), (req, res) => {
    res.json(look(timeline, sources(req), req.sessionInfo));
  });
  return desk;
}

function look(timeline: Timeline, sessionId: string, session: SessionInfo | undefined): Look {
  const newId = timeline.renamedTo(sessionId);
  if (newId !== undefined) return { state: 'renewed', sessionId: newId };
  if (!session) return { state: 'gone' };
  return { state: 'live', session, requests: timeline.entries(sessionId) };
}
