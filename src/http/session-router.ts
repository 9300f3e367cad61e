import { type Request, type Response, Router } from 'express';
import { checkOptions, isBoolean, isFunction } from '../check-options.js';
import { publishSession } from '../diagnostics.js';
import { isPlaceholderId, isSessionId } from '../session-id.js';
import type { SessionInfo } from '../session-info.js';
import type { Awaitable, SessionStore } from '../session-store.js';
import { isPromiseLike } from '../store-calls/and-then.js';
import { createMemoryStore } from '../stores/memory.js';
import { createAttachHandler, type SessionMiddleware } from './attach-session.js';
import {
  respondWithError,
  respondWithJson,
  type SessionError,
  safeInstanceof,
  sessionError,
} from './errors.js';
import type { HookRequest } from './hook-request.js';
import { readAssociations } from './input/associations.js';
import { queryValues } from './input/request-target.js';
import { createSession } from './new-session.js';
import { warnIfOpen } from './open-routes.js';
import {
  createMiddlewareSettings,
  type MiddlewareSettings,
  type SessionOptions,
  sessionRules,
} from './session-options.js';
import { updateOrCreate } from './update-or-create.js';

/**
 * What a caller of the routes is about to do. PUT is `create`, GET and HEAD are `read`, POST is `update`, even if it creates, and DELETE is
 * `delete`. The ID is the one in the path: well-formed, whether or not it is that of a live session.
 */
export type SessionAction =
  | {
      /** What the caller is about to do. */
      readonly action: 'create';
      /** None: the server generates it. */
      readonly sessionId?: undefined;
    }
  | {
      /** What the caller is about to do. */
      readonly action: 'read' | 'update' | 'delete';
      /** The ID in the path. */
      readonly sessionId: string;
    };

/** The options of {@link createSessionRouter}. */
export interface SessionRouterOptions extends SessionOptions {
  /** Whether POST to an unknown ID creates that session, as the API says. Default true; `false` responds 404. */
  readonly acceptClientIds?: boolean | undefined;
  /**
   * Whether a caller may use the routes; anything but `true` gets 403. Asked before the body is read. What it throws goes to `next(error)`.
   * Default: everyone may ("any role").
   */
  readonly authorize?: Authorize | undefined;
  /** Whether `DELETE /sessions/{sessionId}` is served. Default false. */
  readonly allowDelete?: boolean | undefined;
}

/** Decides whether a caller may use the routes. */
export type Authorize = {
  /** Returns whether the caller may do this. */
  authorize(req: HookRequest, action: SessionAction): Awaitable<boolean>;
}['authorize'];

/** A router of Express, which also runs without it: `router(req, res, next)` on node:http. */
export type SessionRouter = Router & SessionMiddleware;

/**
 * The routes of the Session Management API, and the middleware that sets `req.sessionInfo` for everything mounted after it. Without a store
 * it keeps sessions in memory. The routes respond to errors with JSON and a {@link SessionErrorCode}; what your own functions throw goes to
 * `next(error)`. Throws a TypeError for a wrong store or option; the message names the fix.
 */
export function createSessionRouter(
  store: SessionStore = createMemoryStore(),
  options: SessionRouterOptions = {},
): SessionRouter {
  const settings = createMiddlewareSettings('createSessionRouter', store, options, rules);
  const { authorize, acceptClientIds, allowDelete } = checkOptions('createSessionRouter', options, rules);
  if (settings.alone.cookie) warnIfOpen(store, 'cookie');
  if (!authorize && !settings.alone.identify) warnIfOpen(store, 'open routes');
  const { onNew, onSession } = createHandlers(settings, { authorize, acceptClientIds, allowDelete });
  const router = Router();
  // For both, because a second route would take 5 % of a GET.
  router.all('/sessions/:sessionId', (req, res, next) => {
    const handlers = isNew(req) ? onNew : onSession;
    const handler = handlers.get(req.method) ?? methodNotAllowed(handlers);
    handler(req, res).catch((error) => respondWithError(res, error, next));
  });
  router.use(respondToUndecodableId);
  router.use(createAttachHandler(settings));
  return router as SessionRouter;
}

const rules = {
  ...sessionRules,
  acceptClientIds: isBoolean,
  authorize: isFunction,
  allowDelete: isBoolean,
};

/** The options of the routes alone. */
type RouteOptions = Pick<SessionRouterOptions, 'authorize' | 'acceptClientIds' | 'allowDelete'>;

type Handler = (req: Request, res: Response) => Promise<void>;

/** The handlers of a path, by the method in upper case. */
type Handlers = ReadonlyMap<string, Handler>;

function createHandlers(
  { guard, alone }: MiddlewareSettings,
  { acceptClientIds = true, authorize, allowDelete = false }: RouteOptions,
): { onNew: Handlers; onSession: Handlers } {
  const { cookie, identify } = alone;
  const creation = { guard, generateId: alone.generateId };

  async function check(req: Request, action: SessionAction): Promise<void> {
    if (authorize && (await authorize(req, action)) !== true) throw sessionError('forbidden');
  }

  async function create(req: Request, res: Response): Promise<void> {
    const created = await createNew(req, res);
    cookie?.write(req, res, created.sessionId);
    respondCreated(req, res, created);
  }

  async function createNew(req: Request, res: Response): Promise<SessionInfo> {
    if (authorize) await check(req, { action: 'create' });
    return createSession(req, creation, await readAssociations(req, res, identify));
  }

  async function read(req: Request, res: Response): Promise<void> {
    const sessionId = pathSessionId(req);
    if (authorize) await check(req, { action: 'read', sessionId });
    const extend = extendParameter(req);
    if (isPlaceholderId(sessionId)) throw notFound(sessionId);
    const result = guard.run((store) => (extend ? store.get(sessionId) : store.peek(sessionId)));
    // To await a value would create two promises.
    const found = isPromiseLike(result) ? await result : result;
    if (!found) throw notFound(sessionId);
    respondWithJson(res, 200, found);
  }

  async function update(req: Request, res: Response): Promise<void> {
    const sessionId = pathSessionId(req);
    // No cookie: a client that does not know its session yet is no browser.
    if (isPlaceholderId(sessionId)) return respondCreated(req, res, await createNew(req, res));
    if (authorize) await check(req, { action: 'update', sessionId });
    const associations = await readAssociations(req, res, identify);
    const result = guard.run((store, deadline) =>
      updateOrCreate(store, deadline, sessionId, associations, acceptClientIds),
    );
    const outcome = isPromiseLike(result) ? await result : result;
    if (!outcome) throw notFound(sessionId);
    if (outcome.isNew) respondCreated(req, res, outcome.info);
    else respondWithJson(res, 200, outcome.info);
  }

  async function remove(req: Request, res: Response): Promise<void> {
    const sessionId = pathSessionId(req);
    if (authorize) await check(req, { action: 'delete', sessionId });
    const ended = !isPlaceholderId(sessionId) && (await guard.run((store) => store.delete(sessionId)));
    if (!ended) throw notFound(sessionId);
    respondWithJson(res, 204);
  }

  return {
    onNew: new Map([['PUT', create]]),
    onSession: new Map([
      ['GET', read],
      ['HEAD', read],
      ['POST', update],
      ...(allowDelete ? [['DELETE', remove] as const] : []),
    ]),
  };
}

/** Not for a percent-encoded "new": what guards the path /sessions/new sees every request that creates. */
function isNew({ params, url }: Request): boolean {
  return params.sessionId?.length === 3 && NEW.test(url);
}

/** Express takes a backslash for a slash if the target has a fragment. */
const NEW = /^[^?#]*[/\\]new[/\\]?(?:[?#]|$)/i;

function methodNotAllowed(handlers: Handlers): Handler {
  return async function methodNotAllowed() {
    throw sessionError('method_not_allowed', undefined, { Allow: [...handlers.keys()].join(', ') });
  };
}

/**
 * Express passes a percent-encoding that it can't decode, as in `/sessions/%zz`, to error handlers, with this message. What a function of the
 * app throws arrives here, too.
 */
function respondToUndecodableId(
  error: unknown,
  _req: Request,
  res: Response,
  next: (error: unknown) => void,
): void {
  if (safeInstanceof(URIError, error) && error.message.startsWith('Failed to decode param'))
    respondWithError(res, sessionError('invalid_session_id'), next);
  else next(error);
}

function pathSessionId(req: Request): string {
  const { sessionId } = req.params;
  if (!isSessionId(sessionId)) throw sessionError('invalid_session_id');
  return sessionId;
}

function extendParameter(req: Request): boolean {
  const values = queryValues(req, 'extend');
  if (values.some((value) => value !== values[0] || (value !== 'true' && value !== 'false'))) {
    throw sessionError('invalid_field', 'extend must be true or false');
  }
  return values[0] !== 'false';
}

function notFound(sessionId: string): SessionError {
  publishSession('notFound', sessionId);
  return sessionError('session_not_found');
}

function respondCreated(req: Request, res: Response, info: SessionInfo): void {
  // Two slashes at its beginning would make a host name of the first segment (RFC 3986, section 4.2); browsers take a backslash
  // for a slash (WHATWG URL, "relative slash state").
  const base = req.baseUrl.replace(/^[/\\]{2,}/, '/');
  res.setHeader('Location', `${base}/sessions/${info.sessionId}`);
  respondWithJson(res, 201, info);
}
