import express, { type RequestHandler, Router } from 'express';
import { endSession, renewSession } from 'express-session-info';
import { findArticle, searchArticles } from './articles.js';
import { sendPortalPage } from './pages.js';
import { problem } from './problem.js';
import type { Timeline } from './timeline.js';

/** What visitors use. Every request of theirs goes onto the time line of their session. */
export function createPortal(timeline: Timeline): Router {
  const portal = Router();
  portal.use(recordRequests(timeline));
  portal.get('/', showStart);
  portal.get('/articles', search);
  portal.get('/articles/:id', read);
  portal.post('/login', express.json(), login(timeline));
  portal.post('/logout', logout(timeline));
  return portal;
}

function recordRequests(timeline: Timeline): RequestHandler {
  return (req, _res, next) => {
    if (req.sessionInfo) timeline.record(req.sessionInfo.sessionId, `${req.method} ${req.originalUrl}`);
    next();
  };
}

/** The page for a browser, the routes for everyone else. */
const showStart: RequestHandler = (req, res, next) => {
  const json = () => res.json(ROUTES);
  res.format({ json, html: () => sendPortalPage(req, res, next), default: json });
};

const ROUTES = {
  portal: ['GET /articles?q=', 'GET /articles/{id}', 'POST /login {"customerId"}', 'POST /logout'],
  sessions: ['PUT /sessions/new', 'GET /sessions/{sessionId}', 'POST /sessions/{sessionId}'],
  desk: ['GET /desk/{sessionId}'],
  more: ['GET /desk/{sessionId}/live', 'GET /openapi.json', 'GET /metrics'],
};

/** Shows the session, because this is an example; a real portal gives no session ID to scripts in a page. */
const search: RequestHandler = (req, res) => {
  const query = typeof req.query.q === 'string' ? req.query.q : '';
  const articles = searchArticles(query).map(({ id, title }) => ({ id, title }));
  res.json({ articles, sessionInfo: req.sessionInfo });
};

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
    // A new ID: whoever knew the one from before the login does not get into the session after it. Another customer starts from nothing.
    const session = await renewSession(req, res, { customerId });
    if (before) {
      if ((before.customerId ?? customerId) === customerId)
        timeline.rename(before.sessionId, session.sessionId);
      else timeline.forget(before.sessionId);
    }
    res.json({ session, note: 'A demo login: no password was asked for' });
  };
}

function logout(timeline: Timeline): RequestHandler {
  return async (req, res) => {
    const sessionId = req.sessionInfo?.sessionId;
    const ended = await endSession(req, res);
    if (sessionId !== undefined) timeline.forget(sessionId);
    res.json({ ended });
  };
}
