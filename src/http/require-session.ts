import type { SessionMiddleware } from './attach-session.js';
import { isSessionError, respondWithError } from './errors.js';
import { currentSession, sessionOrError } from './request-session.js';

/**
 * Middleware for routes that need a session, after `attachSession` or the router. Without a live session it responds as the routes do: 400
 * `invalid_session_id` to no or a malformed ID, 400 `ambiguous_header` to two different ones, 404 `session_not_found`, 503
 * `store_unavailable`. On a request that did not pass the middleware it calls `next(error)`. If the response has begun it does
 * neither: mount it before.
 */
export function requireSession(): SessionMiddleware {
  return function requireSessionMiddleware(req, res, next) {
    let session: ReturnType<typeof sessionOrError>;
    try {
      session = sessionOrError(currentSession('requireSession', req).state);
    } catch (error) {
      if (!res.headersSent) next(error);
      return;
    }
    if (isSessionError(session)) respondWithError(res, session, next);
    else next();
  };
}
