export type {
  IgnoredEvent,
  SessionChannels,
  SessionEvent,
  StoreCallContext,
  StoreFailureEvent,
} from './diagnostics.js';
export {
  type AttachSessionOptions,
  attachSession,
  type SessionMiddleware,
} from './http/attach-session.js';
export type { SessionCookieOptions } from './http/cookie/cookie-format.js';
export { type CustomerSessionCalls, customerSessions } from './http/customer-sessions.js';
export { isSessionError, type SessionError, type SessionErrorCode } from './http/errors.js';
export type { HookRequest } from './http/hook-request.js';
export type { Identify, Identity } from './http/input/associations.js';
export type { SessionIdFunction, SessionIdSource } from './http/input/session-id-sources.js';
export type { GenerateId } from './http/new-session.js';
export { renewSession } from './http/renew-session.js';
export { requireSession } from './http/require-session.js';
export {
  endSession,
  getSession,
  reloadSession,
  updateSession,
} from './http/session-functions.js';
export type { SessionOptions } from './http/session-options.js';
export {
  type Authorize,
  createSessionRouter,
  type SessionAction,
  type SessionRouter,
  type SessionRouterOptions,
} from './http/session-router.js';
export { maskSessionId } from './session-id.js';
export type {
  AssociationChanges,
  AssociationName,
  SessionAssociations,
  SessionInfo,
} from './session-info.js';
export type { Awaitable, CustomerSessions, SessionStore } from './session-store.js';
export type { StoreLimits } from './store-calls/store-guard.js';
export { createMemoryStore, type MemoryStoreOptions } from './stores/memory.js';
export type { SessionTimeouts } from './stores/shared/session-timeouts.js';
