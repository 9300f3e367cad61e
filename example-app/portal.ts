import express, { type RequestHandler, Router } from 'express';
import { endSession, renewSession } from 'express-session-info';
import { findArticle, searchArticles } from './articles.js';
import { sendPortalPage } from './pages.js';
import { problem } from './problem.js';
import type { Timeline } from './timeline.js';

/** What visitors use. Every request of theirs goes onto the time line of their session. */
export function createPortal(timeline: Timeline): Router {
  const portal = Router();
  portal.use(bundle(timeline));
  portal.get('/', showStart);
  portal.get('/articles', search);
  portal.get('/articles/:id', read);
  portal.post('/login', express.json(), login(timeline));
  portal.post('/logout', logout(timeline));
  return portal;
}

function bundle(timeline: Timeline): RequestHandler {
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

/** It shows what the host knows of the session, as this is an example; a real portal tells scripts in a page no session ID. */
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

/** A demo: whoever names a customer is believed. A real login checks a password first, and all else stays as it is here. */
function login(timeline: Timeline): RequestHandler {
  return async (req, res) => {
    const customerId: unknown = req.body?.customerId;
    if (typeof customerId !== 'string' || customerId === '') {
      res.status(400).json(problem('bad_request', 'Send {"customerId":"…"} as application/json'));
      return;
    }
    const before = req.sessionInfo;
    if (before?.customerId !== undefined && before.customerId !== customerId) {
      res.status(409).json(problem('conflict', 'Log out first: this session is another customer’s'));
      return;
    }
    // A new ID: whoever knew the one from before the login does not get into the session after it.
    const session = await renewSession(req, res, { customerId });
    if (!before || !session) {
      res.status(409).json(problem('conflict', 'The session has ended; try again'));
      return;
    }
    timeline.rename(before.sessionId, session.sessionId);
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
