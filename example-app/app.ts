import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import express, { type ErrorRequestHandler, type Express, type RequestHandler } from 'express';
import {
  attachSession,
  type CustomerSessionCalls,
  createSessionRouter,
  isSessionError,
  type SessionStore,
} from 'express-session-info';
import type { Registry } from 'prom-client';
import { createDesk } from './desk.js';
import { createPages } from './pages.js';
import { createPortal } from './portal.js';
import { problem } from './problem.js';
import { refuseOtherSites } from './refuse-other-sites.js';
import { createTimeline } from './timeline.js';

export interface AppOptions {
  readonly store: SessionStore;
  /** If the store can list the sessions of a customer. Without it the page hides what needs it. */
  readonly customers?: CustomerSessionCalls | undefined;
  /** Signs the session cookie. */
  readonly secret: string;
  /** Services send it as `Authorization: Bearer …` to call `/sessions`, `/desk` and `/metrics`. Without one, everyone may call them. */
  readonly serviceKey?: string | undefined;
  /** What `/metrics` shows. */
  readonly registry: Registry;
}

/**
 * A knowledge portal. Visitors use its own routes and are recognized by a signed cookie. Services (the contact center's) use the Session
 * Management API and the desk, on the same store; a browser shows both sides on one page.
 *
 * Only the API reads the headers gkc_customerId and gkc_agentId. Whoever may call it may say who a visitor is, so it is for services,
 * which authenticate by the service key. Without one, the demo's desk and API are open to everyone. On the portal's routes a visitor's customerId comes from the login alone.
 */
export function createApp({ store, customers, secret, serviceKey, registry }: AppOptions): Express {
  const timeline = createTimeline();
  const mayServe = (req: IncomingMessage) => serviceKey === undefined || showsKey(req, serviceKey);
  const cookie = { secret, sameSite: 'lax' } as const;
  const app = express();
  app.disable('x-powered-by');

  // Before the sessions of visitors: an agent must not get one.
  app.use(createPages());
  app.use(['/desk', '/metrics'], servicesOnly(mayServe));
  app.use('/desk', createDesk({ store, customers, timeline, cookie }));
  app.get('/metrics', showMetrics(registry));
  app.use(createSessionRouter(store, { authorize: mayServe, sources: ['header'] }));
  // Otherwise a form of another site could log the visitor out.
  app.use(refuseOtherSites);
  // The header is for a service that calls the portal for a visitor.
  app.use(attachSession(store, { cookie, sources: ['header', 'cookie'], autoCreate: true }));
  app.use(createPortal({ timeline, customers }));
  app.use((_req, res) => void res.status(404).json(problem('not_found', 'There is no such page')));
  app.use(respondWithProblem);
  return app;
}

function servicesOnly(mayServe: (req: IncomingMessage) => boolean): RequestHandler {
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
function showsKey(req: IncomingMessage, serviceKey: string): boolean {
  return timingSafeEqual(sha256(req.headers.authorization ?? ''), sha256(`Bearer ${serviceKey}`));
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

/** Errors of Express and of the session store have a status; their headers may ask the client to come back later. */
const respondWithProblem: ErrorRequestHandler = (error, _req, res, next) => {
  if (res.headersSent) return next(error);
  const status: number = error.status >= 400 && error.status < 600 ? error.status : 500;
  if (status >= 500) console.error(error);
  const code = isSessionError(error) ? error.code : 'bad_request';
  res.status(status).set(error.headers ?? {});
  res.json(status < 500 ? problem(code, error.message) : problem('failed', 'Please try again later'));
};
