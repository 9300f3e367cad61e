import type { IncomingMessage } from 'node:http';
import type { SessionInfo } from '../session-info.js';
import type { SessionSettings } from './session-settings.js';

/** A request as node:http or Express makes it, with what the middleware adds. */
export interface RequestWithSession extends IncomingMessage {
  sessionInfo?: SessionInfo | undefined;
  [CONTEXT]?: SessionSettings;
}

/** From the global registry: the ESM and the CommonJS build may both be loaded, and know each other's requests by it. */
const CONTEXT: unique symbol = Symbol.for('express-session-info.context') as never;

/** The settings of the last middleware that a request passed, `undefined` for one that never passed any. */
export function requestContext(req: RequestWithSession): SessionSettings | undefined {
  return req[CONTEXT];
}

export function setRequestContext(req: RequestWithSession, settings: SessionSettings): void {
  req[CONTEXT] = settings;
}
