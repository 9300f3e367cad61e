import type { IncomingMessage, ServerResponse } from 'node:http';
import { isBoolean } from '../check-options.js';
import type { SessionInfo } from '../session-info.js';
import type { SessionStore } from '../session-store.js';
import { isPromiseLike } from '../store-calls/and-then.js';
import { toError } from './errors.js';
import { findSession } from './find-session.js';
import { warnIfOpen } from './open-routes.js';
import type { RequestSession } from './request-session.js';
import {
  createMiddlewareSettings,
  type MiddlewareSettings,
  type SessionOptions,
  sessionRules,
} from './session-options.js';

declare global {
  namespace Express {
    interface Request {
      /** The live session of the request, if it passed the middleware and has one. Frozen. */
      sessionInfo?: SessionInfo | undefined;
    }
  }
}

/** A middleware for Express, or for node:http: `middleware(req, res, next)`. */
export type SessionMiddleware = (
  req: IncomingMessage,
  res: ServerResponse,
  next: (error?: unknown) => void,
) => void;

/** The options of {@link attachSession}. */
export interface AttachSessionOptions extends SessionOptions {
  /** Whether attaching counts as activity. Default true; `false` is for routes that a page polls. */
  readonly extend?: boolean | undefined;
}

/**
 * Middleware that sets `req.sessionInfo` if the request identifies a live session, and makes `updateSession`, `renewSession`, `endSession`
 * and the others work on it. After an earlier middleware with the same store, one without `sources` and `cookie` of its own uses the session that
 * the earlier one found. Throws a TypeError for a wrong store or option; the message names the fix.
 */
export function attachSession(store: SessionStore, options: AttachSessionOptions = {}): SessionMiddleware {
  const settings = createMiddlewareSettings('attachSession', store, options, rules);
  if (settings.alone.cookie) warnIfOpen(store, 'cookie');
  return createAttachHandler(settings);
}

const rules = { ...sessionRules, extend: isBoolean };

/** The middleware of `attachSession` and `createSessionRouter`. Calls `next` synchronously if the store returns a value. */
export function createAttachHandler(settings: MiddlewareSettings): SessionMiddleware {
  return function sessionMiddleware(req, res, next) {
    function fail(error: unknown): void {
      // Otherwise the app has responded already, by a timeout of its own; Express would end the connection.
      if (!res.headersSent) next(toError(error));
    }
    function attached({ state, settings: { passOnStoreError } }: RequestSession): void {
      if (state.kind === 'unavailable' && !passOnStoreError) fail(state.error);
      else next();
    }
    let session: ReturnType<typeof findSession>;
    try {
      session = findSession(req, res, settings);
    } catch (error) {
      return fail(error);
    }
    // Not in the try block: what the app's own code throws must not call `next` again.
    if (isPromiseLike(session)) session.then(attached, fail);
    else attached(session);
  };
}
