import { createHash, timingSafeEqual } from 'node:crypto';
import express, { type ErrorRequestHandler, type Express, type Request, type RequestHandler } from 'express';
import { createSessionRouter, type SessionStore } from 'express-session-info';
import type { Registry } from 'prom-client';
import { createDesk } from './desk.js';
import { createPages } from './pages.js';
import { createPortal } from './portal.js';
import { problem } from './problem.js';
import { createTimeline } from './timeline.js';

export interface AppOptions {
  readonly store: SessionStore;
  /** Signs the session cookie. */
  readonly secret: string;
  /** What a service shows as `Authorization: Bearer …` to call `/sessions`, `/desk` and `/metrics`. None: everyone may. */
  readonly serviceKey?: string | undefined;
  /** What `/metrics` shows. */
  readonly registry: Registry;
}

/**
 * A knowledge portal. Visitors use its own routes, and are known by a cookie that is signed. Services (the contact centre's)
 * use the Session Management API and the desk; a browser shows both sides on one page.
 *
 * Only the API reads the headers gkc_customerId and gkc_agentId, so whoever may call it may say who a visitor is: that is for
 * services, which prove themselves by the service key. On the portal's routes a visitor's customerId comes from the login
 * alone, whatever headers the visitor sends. A host whose visitors call the API themselves would pass the option `identify`.
 */
export function createApp({ store, secret, serviceKey, registry }: AppOptions): Express {
  const timeline = createTimeline();
  const mayServe = (req: Request) => serviceKey === undefined || showsKey(req, serviceKey);
  const app = express();
  app.disable('x-powered-by');

  // Before the session router, which would take the agent for one more visitor.
  app.use(createPages());
  app.use(['/desk', '/metrics'], servicesOnly(mayServe));
  app.use('/desk', createDesk({ store, timeline }));
  app.get('/metrics', showMetrics(registry));
  app.use(
    createSessionRouter(store, {
      cookie: { secret, sameSite: 'lax' },
      autoCreate: true,
      // As services written for the API expect. It plants no session on a visitor: the cookie is never set from an ID that a
      // caller chose, and the login renews whatever ID it finds. A host whose services name only what PUT gave says false.
      acceptClientIds: true,
      authorize: (req) => mayServe(req),
    }),
  );
  app.use(createPortal(timeline));
  app.use((_req, res) => void res.status(404).json(problem('not_found', 'There is no such page')));
  app.use(answerError);
  return app;
}

function servicesOnly(mayServe: (req: Request) => boolean): RequestHandler {
  return (req, res, next) => {
    if (mayServe(req)) next();
    else res.status(403).json(problem('forbidden', 'Forbidden'));
  };
}

function showMetrics(registry: Registry): RequestHandler {
  return async (_req, res) => {
    res.set('Content-Type', registry.contentType).send(await registry.metrics());
  };
}

/** Compares hashes: the time that it takes tells nothing about the key, not even its length. */
function showsKey(req: Request, serviceKey: string): boolean {
  return timingSafeEqual(sha256(req.headers.authorization ?? ''), sha256(`Bearer ${serviceKey}`));
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

/** Errors of Express and of the session store carry a status; their headers may ask the client to come back later. */
const answerError: ErrorRequestHandler = (error, _req, res, next) => {
  if (res.headersSent) return next(error);
  const status: number = error.status >= 400 && error.status < 600 ? error.status : 500;
  if (status >= 500) console.error(error);
  res.status(status).set(error.headers ?? {});
  res.json(
    status < 500 ? problem('bad_request', error.message) : problem('failed', 'Please try again later'),
  );
};
