import { randomUUID } from 'node:crypto';
import express, { type RequestHandler, Router } from 'express';
import {
  type CustomerSessionCalls,
  endSession,
  maskSessionId,
  renewSession,
  type SessionInfo,
  updateSession,
} from 'express-session-info';
import { findArticle, searchArticles } from './articles.js';
import { deviceName } from './device-name.js';
import { sendPortalPage } from './pages.js';
import { problem } from './problem.js';
import type { Timeline } from './timeline.js';

export interface PortalOptions {
  readonly timeline: Timeline;
  /** The store, if it can end all sessions of a customer. */
  readonly customers: CustomerSessionCalls | undefined;
}

/**
 * What visitors use. Nothing here takes a customer from a header or lists sessions, and no response holds a session ID: a visitor's
 * browser has it in an HttpOnly cookie, and the page sees a mask.
 */
export function createPortal({ timeline, customers }: PortalOptions): Router {
  const portal = Router();
  portal.use(forThisVisitor, beginVisit, recordRequests(timeline));
  portal.get('/', showStart);
  portal.get('/articles', search(customers !== undefined));
  portal.get('/articles/:id', read);
  portal.post('/login', express.json(), login(timeline));
  portal.post('/logout', logout(timeline));
  if (customers) portal.post('/logout-everywhere', logoutEverywhere(timeline, customers));
  return portal;
}

/** What depends on the session, or comes with its cookie, is in no shared cache. */
const forThisVisitor: RequestHandler = (_req, res, next) => {
  res.set('Cache-Control', 'private, no-cache');
  next();
};

/** The first request of a session begins a visit; the ID is the portal's own. */
const beginVisit: RequestHandler = async (req, _res, next) => {
  if (req.sessionInfo && req.sessionInfo.visitId === undefined) {
    const visitId = `visit-${randomUUID().slice(0, 8)}`;
    await updateSession(req, { visitId });
  }
  next();
};

function recordRequests(timeline: Timeline): RequestHandler {
  return (req, _res, next) => {
    const session = req.sessionInfo;
    const device = deviceName(req.headers['user-agent']);
    if (session) timeline.record(session.sessionId, `${req.method} ${req.originalUrl}`, device);
    next();
  };
}

/** The page for a browser, the routes for everyone else. */
const showStart: RequestHandler = (req, res, next) => {
  const json = () => res.json(ROUTES);
  res.format({ json, html: () => sendPortalPage(req, res, next), default: json });
};

const ROUTES = {
  portal: [
    'GET /articles?q=',
    'GET /articles/{id}',
    'POST /login {"customerId"}',
    'POST /logout',
    'POST /logout-everywhere',
  ],
  sessions: ['PUT /sessions/new', 'GET /sessions/{sessionId}', 'POST /sessions/{sessionId}'],
  desk: ['GET /desk/{sessionId}'],
  more: [
    'GET /desk',
    'GET /desk/{sessionId}/live',
    'DELETE /desk/{sessionId}',
    'DELETE /desk/{sessionId}/others',
    'DELETE /desk/{sessionId}/agent',
    'GET /openapi.json',
    'GET /metrics',
  ],
};

function search(canLogOutEverywhere: boolean): RequestHandler {
  return (req, res) => {
    const query = typeof req.query.q === 'string' ? req.query.q : '';
    const articles = searchArticles(query).map(({ id, title }) => ({ id, title }));
    res.json({ articles, sessionInfo: masked(req.sessionInfo), canLogOutEverywhere });
  };
}

function masked(session: SessionInfo | undefined): SessionInfo | undefined {
  return session && { ...session, sessionId: maskSessionId(session.sessionId) };
}

const read: RequestHandler<{ id: string }> = (req, res) => {
  const article = findArticle(req.params.id);
  if (article) res.json(article);
  else res.status(404).json(problem('not_found', 'There is no such article'));
};

/** A demo without a password: everyone may log in as any customer. A real login checks the password first; the rest stays as it is here. */
function login(timeline: Timeline): RequestHandler {
  return async (req, res) => {
    const customerId: unknown = req.body?.customerId;
    if (typeof customerId !== 'string' || customerId === '') {
      res.status(400).json(problem('bad_request', 'Send {"customerId":"…"} as application/json'));
      return;
    }
    const before = req.sessionInfo;
    // A new ID: the one from before the login, which somebody may know, is no longer valid. Nothing carries over to another customer.
    const session = await renewSession(req, res, { customerId });
    if (before) {
      if ((before.customerId ?? customerId) === customerId)
        timeline.rename(before.sessionId, session.sessionId);
      else timeline.end(before.sessionId, 'login');
    }
    res.json({ session: masked(session), note: 'A demo login, without a password' });
  };
}

function logout(timeline: Timeline): RequestHandler {
  return async (req, res) => {
    const sessionId = req.sessionInfo?.sessionId;
    const ended = await endSession(req, res);
    if (sessionId !== undefined) timeline.end(sessionId, 'logout');
    res.json({ ended });
  };
}

/** Ends this session and the customer's sessions in other browsers. Whose they are says the session, never the request. */
function logoutEverywhere(timeline: Timeline, customers: CustomerSessionCalls): RequestHandler {
  return async (req, res) => {
    const { sessionId, customerId } = req.sessionInfo ?? {};
    const others =
      customerId === undefined ? 0 : await customers.deleteByCustomer(customerId, { except: sessionId });
    const own = await endSession(req, res); // last, so that the visitor can try again; removes the cookie
    if (sessionId !== undefined) timeline.end(sessionId, 'logout');
    res.json({ ended: customerId === undefined ? 0 : others + Number(own) });
  };
}
