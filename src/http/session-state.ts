import type { SessionInfo } from '../session-info.js';
import type { SessionError } from './errors.js';
import { sessionError } from './errors.js';

/** What the middleware knows about the session of a request. */
export type SessionState =
  /** The request carries no session ID. */
  | { readonly kind: 'none' }
  /** It carries two different ones. */
  | { readonly kind: 'ambiguous' }
  /** It carries something that is not a session ID. */
  | { readonly kind: 'malformed' }
  /** The ID is not that of a live session, or the session was ended. */
  | { readonly kind: 'unknown'; readonly sessionId: string }
  /** The store could not say. Without an ID: it could not create a session. */
  | { readonly kind: 'unavailable'; readonly sessionId: string | undefined; readonly error: SessionError }
  | { readonly kind: 'live'; readonly info: SessionInfo };

/** The ID of the session that a change applies to: a live one, or one of which the store could not say whether it is. */
export function targetId(state: SessionState): string | undefined {
  switch (state.kind) {
    case 'live':
      return state.info.sessionId;
    case 'unavailable':
      return state.sessionId;
    case 'none':
    case 'ambiguous':
    case 'malformed':
    case 'unknown':
      return undefined;
  }
}

/** The session, or the error with which the routes respond to such a request. */
export function sessionOrError(state: SessionState): SessionInfo | SessionError {
  switch (state.kind) {
    case 'live':
      return state.info;
    case 'none':
      return sessionError('invalid_session_id', 'A session ID is required');
    case 'ambiguous':
      return sessionError('ambiguous_header', 'The request has two different session IDs');
    case 'malformed':
      return sessionError('invalid_session_id');
    case 'unknown':
      return sessionError('session_not_found');
    case 'unavailable':
      return state.error;
  }
}
