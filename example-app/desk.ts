import { type Request, type RequestHandler, Router } from 'express';
import {
  type AttachSessionOptions,
  attachSession,
  type CustomerSessionCalls,
  endSession,
  getSession,
  requireSession,
  type SessionStore,
  updateSession,
} from 'express-session-info';
import { createDeskView } from './desk-view.js';
import { problem } from './problem.js';
import type { Timeline } from './timeline.js';

export interface DeskOptions {
  readonly store: SessionStore;
  /** If the store can list the sessions of a customer. */
  readonly customers: CustomerSessionCalls | undefined;
  readonly timeline: Timeline;
  /** The visitor's cookie, for the page that shows both sides in one browser. */
  readonly cookie: AttachSessionOptions['cookie'];
}

/**
 * The agent's view of one session and of the customer's other sessions. Its responses hold session IDs, which are keys, so all of it is
 * for services only: the app guards it. `extend: false`: looking at a session does not count as activity, so the session of a visitor
 * who left expires although a desk is open. An agent takes a session by the API: `POST /sessions/{sessionId}` with gkc-agentId.
 */
export function createDesk({ store, customers, timeline, cookie }: DeskOptions): Router {
  const attach = attachSession(store, { sources: [idInPath], extend: false });
  const { view, look } = createDeskView(customers, timeline);
  const desk = Router();
  desk.use(noStore);
  desk.get('/', attachSession(store, { cookie, extend: false }), showThisBrowser);
  desk.get('/:sessionId/live', attach, async (req, res) => {
    res.json(await look(idInPath(req), req.sessionInfo));
  });
  desk.use('/:sessionId', attach, requireSession());
  desk.get('/:sessionId', async (req, res) => {
    res.json(await view(getSession(req)));
  });
  desk.delete('/:sessionId', endThis(timeline));
  desk.delete('/:sessionId/others', endOthers(customers));
  desk.delete('/:sessionId/agent', handBack);
  return desk;
}

function idInPath(req: Request): string {
  return String(req.params.sessionId);
}

/** Keys must not stay in a cache. */
const noStore: RequestHandler = (_req, res, next) => {
  res.set('Cache-Control', 'no-store');
  next();
};

/** Which session the browser's own cookie identifies. */
const showThisBrowser: RequestHandler = (req, res) => {
  res.json({ sessionId: req.sessionInfo?.sessionId });
};

function endThis(timeline: Timeline): RequestHandler {
  return async (req, res) => {
    const { sessionId } = getSession(req);
    const ended = await endSession(req, res);
    timeline.end(sessionId, 'desk');
    res.json({ ended });
  };
}

function endOthers(customers: CustomerSessionCalls | undefined): RequestHandler {
  return async (req, res) => {
    const { customerId, sessionId } = getSession(req);
    if (!customers || customerId === undefined) {
      res
        .status(409)
        .json(problem('no_customer', 'The session has no customer, or the store cannot list sessions'));
      return;
    }
    const ended = await customers.deleteByCustomer(customerId, { except: sessionId });
    res.json({ ended });
  };
}

/** On the wire nothing removes a member; `null` does it here. */
const handBack: RequestHandler = async (req, res) => {
  res.json({ session: await updateSession(req, { agentId: null }) });
};
