import type { IncomingMessage } from 'node:http';
import type { SessionInfo } from '../session-info.js';
import type { SessionStore } from '../session-store.js';
import type { StoreGuard } from '../session-store-guard.js';
import type { GenerateId } from './new-session.js';
import type { SessionCookie } from './session-cookie.js';

/** What the middleware leaves on a request for the host's own code. */
export interface RequestContext {
  /** The store as the host passed it: two middlewares with one store share what the first one found. */
  readonly store: SessionStore;
  readonly guard: StoreGuard;
  readonly cookie: SessionCookie | undefined;
  readonly generateId: GenerateId;
}

/** A request as node:http or Express makes it, with what the middleware adds. */
export interface RequestWithSession extends IncomingMessage {
  sessionInfo?: SessionInfo | undefined;
  [CONTEXT]?: RequestContext;
}

/** From the global registry: the ESM and the CommonJS build may both be loaded, and know each other's requests by it. */
const CONTEXT: unique symbol = Symbol.for('express-session-info.context') as never;

/** The context of a request, `undefined` for one that never passed the middleware. */
export function requestContext(req: RequestWithSession): RequestContext | undefined {
  return req[CONTEXT];
}

export function setRequestContext(req: RequestWithSession, context: RequestContext): void {
  req[CONTEXT] = context;
}
