import type { IncomingMessage } from 'node:http';
import { isSessionId } from '../session-id.js';
import type { SessionInfo } from '../session-info.js';
import type { SessionSettings } from './session-options.js';

/** A request as node:http or Express makes it, with what the middleware adds. */
export interface RequestWithSession extends IncomingMessage {
  sessionInfo?: SessionInfo | undefined;
  [CONTEXT]?: SessionSettings;
  [NAMED]?: string | undefined;
}

/** From the global registry: the ESM and the CommonJS build may both be loaded, and know each other's requests by it. */
const CONTEXT: unique symbol = Symbol.for('express-session-info.context') as never;

const NAMED: unique symbol = Symbol.for('express-session-info.named-session') as never;

/** The settings of the last middleware that a request passed, `undefined` for one that never passed any. */
export function requestContext(req: RequestWithSession): SessionSettings | undefined {
  return req[CONTEXT];
}

export function setRequestContext(req: RequestWithSession, settings: SessionSettings): void {
  req[CONTEXT] = settings;
}

/** Says which ID a request names, for as long as the store has not said whether that is a live session. */
export function setNamedId(req: RequestWithSession, sessionId: string | undefined): void {
  req.sessionInfo = undefined;
  req[NAMED] = sessionId;
}

/** Says which live session a request has, or that it has none. */
export function setCurrentSession(req: RequestWithSession, info: SessionInfo | undefined): void {
  req.sessionInfo = info;
  req[NAMED] = undefined;
}

/**
 * The ID of a request's live session, or of the one that it names when the store failed to say whether that is live: what the host
 * does to it then is not left undone, least of all a logout.
 */
export function currentSessionId(req: RequestWithSession): string | undefined {
  const { sessionInfo, [NAMED]: named } = req;
  return sessionInfo?.sessionId ?? (isSessionId(named) ? named : undefined);
}
