import { type Request, type RequestHandler, type Response, Router } from 'express';
import { isBoolean, isFunction } from '../check-options.js';
import { isSessionId } from '../session-id.js';
import type { SessionInfo } from '../session-info.js';
import type { Awaitable, SessionStore } from '../session-store.js';
import { createMemoryStore } from '../stores/memory.js';
import { createAttachHandler } from './attach-session.js';
import { answerError, answerJson, SessionHttpError, sessionNotFound } from './errors.js';
import { isA } from './host-error.js';
import { readAssociations } from './input/request-associations.js';
import { createSession } from './new-session.js';
import {
  createSessionSettings,
  type SessionOptions,
  type SessionSettings,
  sessionRules,
} from './session-options.js';
import { updateOnly, updateOrCreate } from './update-or-create.js';

/** What a caller of the routes is about to do, for `authorize`. */
export interface SessionAction {
  /**
   * PUT is `'create'`, GET and HEAD are `'read'`, POST is `'update'`, also when it comes to create the session, and DELETE is
   * `'delete'`.
   */
  readonly action: 'create' | 'read' | 'update' | 'delete';
  /** The ID in the path: a valid one, whether or not it names a live session. Absent for `'create'`. */
  readonly sessionId?: string;
}

/** The options of {@link createSessionRouter}. */
export interface SessionRouterOptions extends SessionOptions {
  /** Whether a POST to an ID that no one created makes that session, as the API says. Default true; false answers 404. */
  readonly acceptClientIds?: boolean | undefined;
  /**
   * Whether a caller may use the routes, at once or by a promise; anything but `true` is answered 403. Asked before the body is
   * read. What it throws goes to `next(error)`. Default: everyone may ("any role").
   */
  readonly authorize?: ((req: Request, action: SessionAction) => Awaitable<boolean>) | undefined;
  /** Whether `DELETE /sessions/{sessionId}` is served. Default false. */
  readonly allowDelete?: boolean | undefined;
}

/**
 * The routes of the Session Management API, and the middleware that sets `req.sessionInfo` for everything mounted after it.
 * Without a store it keeps sessions in memory. The routes answer errors as JSON, each with a {@link SessionErrorCode}; what the
 * host's own hooks throw goes to `next(error)`. Throws a TypeError for a wrong store or option, whose message names the fix.
 */
export function createSessionRouter(
  store: SessionStore = createMemoryStore(),
  options: SessionRouterOptions = {},
): Router {
  const settings = createSessionSettings('createSessionRouter', store, options, rules);
  const { ofNew, ofSession } = createHandlers(settings, options);
  const router = Router();
  // A path of its own, which a percent-encoded "new" does not match: what guards this path sees every request that creates.
  router.all('/sessions/new', createRouteHandler(ofNew));
  router.all('/sessions/:sessionId', createRouteHandler(ofSession));
  router.use(answerUndecodableId);
  router.use(createAttachHandler(settings, false));
  return router;
}

const rules = {
  ...sessionRules,
  acceptClientIds: isBoolean,
  authorize: isFunction,
  allowDelete: isBoolean,
};

type Handler = (req: Request, res: Response) => Promise<void>;

/** The handlers of a path, by the method in upper case. */
type Handlers = ReadonlyMap<string, Handler>;

function createHandlers(
  settings: SessionSettings,
  options: SessionRouterOptions,
): { ofNew: Handlers; ofSession: Handlers } {
  const { guard, cookie, identify } = settings;
  const { acceptClientIds = true, authorize = () => true, allowDelete = false } = options;

  async function allow(req: Request, action: SessionAction): Promise<void> {
    if ((await authorize(req, action)) !== true) throw new SessionHttpError('forbidden');
  }

  async function create(req: Request, res: Response): Promise<void> {
    await allow(req, { action: 'create' });
    const associations = await readAssociations(req, res, identify);
    const created = await createSession(req, settings, associations);
    cookie?.write(req, res, created.sessionId);
    answerCreated(req, res, created);
  }

  async function read(req: Request, res: Response): Promise<void> {
    const sessionId = pathSessionId(req);
    await allow(req, { action: 'read', sessionId });
    const found = await guard.run((store) => store.get(sessionId));
    if (!found) throw sessionNotFound(sessionId);
    answerJson(res, 200, found);
  }

  async function update(req: Request, res: Response): Promise<void> {
    const sessionId = pathSessionId(req);
    await allow(req, { action: 'update', sessionId });
    const associations = await readAssociations(req, res, identify);
    const { updated, created } = await guard.run(
      acceptClientIds
        ? (store, deadline) => updateOrCreate(store, deadline, sessionId, associations)
        : (store) => updateOnly(store, sessionId, associations),
    );
    if (created) answerCreated(req, res, created);
    else if (updated) answerJson(res, 200, updated);
    else throw sessionNotFound(sessionId);
  }

  async function remove(req: Request, res: Response): Promise<void> {
    const sessionId = pathSessionId(req);
    await allow(req, { action: 'delete', sessionId });
    const ended = await guard.run((store) => store.delete(sessionId));
    if (!ended) throw sessionNotFound(sessionId);
    answerJson(res, 204);
  }

  return {
    ofNew: new Map([['PUT', create]]),
    ofSession: new Map([
      ['GET', read],
      ['HEAD', read],
      ['POST', update],
      ...(allowDelete ? [['DELETE', remove] as const] : []),
    ]),
  };
}

function createRouteHandler(handlers: Handlers): RequestHandler {
  return function sessionRoute(req, res, next) {
    const handler = handlers.get(req.method) ?? methodNotAllowed(handlers);
    handler(req, res).catch((error) => answerError(res, error, next));
  };
}

function methodNotAllowed(handlers: Handlers): Handler {
  return async function methodNotAllowed() {
    throw new SessionHttpError('method_not_allowed', undefined, { Allow: [...handlers.keys()].join(', ') });
  };
}

/**
 * Express hands a percent-encoding that it can't decode, as in `/sessions/%zz`, to error handlers, by this message. What a hook
 * of the host's throws comes by here, too.
 */
function answerUndecodableId(
  error: unknown,
  _req: Request,
  res: Response,
  next: (error: unknown) => void,
): void {
  if (isA(URIError, error) && error.message.startsWith('Failed to decode param'))
    answerError(res, new SessionHttpError('invalid_session_id'), next);
  else next(error);
}

function pathSessionId(req: Request): string {
  const { sessionId } = req.params;
  if (!isSessionId(sessionId)) throw new SessionHttpError('invalid_session_id');
  return sessionId;
}

function answerCreated(req: Request, res: Response, info: SessionInfo): void {
  // Two slashes at its beginning would make a host name of the first segment (RFC 3986, section 4.2); browsers take a backslash
  // for a slash (WHATWG URL, "relative slash state").
  const base = req.baseUrl.replace(/^[/\\]{2,}/, '/');
  res.setHeader('Location', `${base}/sessions/${info.sessionId}`);
  answerJson(res, 201, info);
}
