import type { IncomingMessage, ServerResponse } from 'node:http';
import { isBoolean } from '../check-options.js';
import { publishSession } from '../diagnostics.js';
import { isSessionId } from '../session-id.js';
import type { SessionInfo } from '../session-info.js';
import type { Awaitable, SessionStore } from '../session-store.js';
import { andThen, isPromiseLike } from '../store-calls/and-then.js';
import { isStoreUnavailable } from '../store-calls/store-guard.js';
import { answerError, SessionHttpError } from './errors.js';
import { asError } from './host-error.js';
import { identityOf } from './input/request-associations.js';
import { createSession } from './new-session.js';
import {
  type RequestWithSession,
  requestContext,
  setCurrentSession,
  setNamedId,
  setRequestContext,
} from './request-context.js';
import {
  createSessionSettings,
  type SessionOptions,
  type SessionSettings,
  sessionRules,
} from './session-options.js';

declare global {
  namespace Express {
    interface Request {
      /** The live session that the request names, on a request that passed the middleware. Frozen. */
      sessionInfo?: SessionInfo | undefined;
    }
  }
}

/**
 * A RequestHandler of Express, in the terms of node:http: as a RequestHandler it would make TypeScript forget the parameters
 * of the route that it is mounted on.
 */
export type SessionMiddleware = (
  req: IncomingMessage,
  res: ServerResponse,
  next: (error?: unknown) => void,
) => void;

/** The options of {@link attachSession}. */
export interface AttachSessionOptions extends SessionOptions {
  /**
   * Whether a request without an ID, or with a malformed one, is answered 400, one with an unknown ID 404, and one whose session
   * the store failed to give 503; each as the routes answer it. Default false.
   */
  readonly required?: boolean | undefined;
}

/**
 * Middleware that sets `req.sessionInfo` when the request names a live session, and makes `updateSession`, `renewSession`
 * and `endSession` work on it. After an earlier middleware with the same store it does not ask for the same live session again;
 * without `sources` and `cookie` of its own it looks where the earlier one looked. Throws a TypeError for a wrong store or option,
 * whose message names the fix.
 */
export function attachSession(store: SessionStore, options: AttachSessionOptions = {}): SessionMiddleware {
  const settings = createSessionSettings('attachSession', store, options, rules);
  const { required = false } = options;
  if (required && (settings.autoCreate || settings.onStoreError === 'continue')) {
    throw new TypeError(
      'attachSession: option "required" goes neither with "autoCreate" nor with "onStoreError": "continue"; leave one out',
    );
  }
  return createAttachHandler(settings, required);
}

/** The middleware of `attachSession` and `createSessionRouter`. Calls `next` at once when the store answers at once. */
export function createAttachHandler(settings: SessionSettings, required: boolean): SessionMiddleware {
  return function attachSession(req, res, next) {
    function fail(error: unknown) {
      if (required && !res.headersSent) answerError(res, error, next);
      else if (isStoreUnavailable(error) && settings.onStoreError === 'continue') next();
      else next(asError(error));
    }
    let attached: Awaitable<void>;
    try {
      attached = attach(req, res, settings, required);
    } catch (error) {
      return fail(error);
    }
    if (isPromiseLike(attached)) attached.then(() => next(), fail);
    else next();
  };
}

const rules = { ...sessionRules, required: isBoolean };

function attach(
  req: RequestWithSession,
  res: ServerResponse,
  own: SessionSettings,
  required: boolean,
): Awaitable<void> {
  const context = requestContext(req);
  const earlier = context?.store === own.store ? context : undefined;
  const follows = own.followsEarlier ? earlier : undefined;
  const settings = follows ? { ...own, cookie: follows.cookie, findSessionId: follows.findSessionId } : own;
  const found = earlier && req.sessionInfo;
  setRequestContext(req, settings);
  if (found && follows) return undefined;
  setNamedId(req, undefined);
  const sessionId = settings.findSessionId(req);
  setNamedId(req, sessionId);
  const live = found?.sessionId === sessionId ? found : lookUp(sessionId, settings);
  return andThen(live, (session) =>
    andThen(session ?? makeSession(req, res, settings, { found, sessionId }), (attached) => {
      setCurrentSession(req, attached);
      if (required && !attached) throw noSession(sessionId);
    }),
  );
}

function lookUp(sessionId: unknown, { guard }: SessionSettings): Awaitable<SessionInfo | undefined> {
  if (!isSessionId(sessionId)) return undefined;
  return andThen(
    guard.run((store) => store.get(sessionId)),
    (found) => {
      if (!found) publishSession('notFound', sessionId);
      return found;
    },
  );
}

/**
 * With `autoCreate`, the session of a request that names none. `found` is what an earlier middleware attached, `sessionId` what
 * the request gives as its ID.
 */
function makeSession(
  req: IncomingMessage,
  res: ServerResponse,
  settings: SessionSettings,
  { found, sessionId }: { found: SessionInfo | undefined; sessionId: string | undefined },
): Awaitable<SessionInfo | undefined> {
  if (!settings.autoCreate) return undefined;
  const inCookie = settings.cookie?.read(req);
  // The cookie names what an earlier middleware found or made, while the request names no live session elsewhere.
  if (found && inCookie === found.sessionId) return found;
  // Another source comes first, as a link may have it; what the cookie names may be live, and must not be lost for that.
  if (isSessionId(inCookie) && inCookie !== sessionId) return undefined;
  return autoCreate(req, res, settings);
}

/** A session that the visitor's next request could not name is not made. */
async function autoCreate(
  req: IncomingMessage,
  res: ServerResponse,
  settings: SessionSettings,
): Promise<SessionInfo | undefined> {
  if (!settings.cookie?.canIntroduce(req) || res.headersSent) return undefined;
  const identity = settings.identify ? await identityOf(req, settings.identify) : {};
  const created = await createSession(req, settings, identity);
  // The host has answered meanwhile, by a time-out of its own.
  if (!res.headersSent) settings.cookie.write(req, res, created.sessionId);
  return created;
}

function noSession(sessionId: unknown): SessionHttpError {
  if (sessionId === undefined) return new SessionHttpError('invalid_session_id', 'A session ID is required');
  return new SessionHttpError(isSessionId(sessionId) ? 'session_not_found' : 'invalid_session_id');
}
