export type { SessionEvent, StoreCallContext, StoreFailureEvent } from './diagnostics.js';
export { type AttachSessionOptions, attachSession, type SessionMiddleware } from './http/attach-session.js';
export type { SessionCookieOptions } from './http/cookie/cookie-format.js';
export type { SessionErrorCode } from './http/errors.js';
export { endSession, renewSession, updateSession } from './http/host-session.js';
export type { Identify, Identity } from './http/input/request-associations.js';
export type { SessionIdSource, SessionIdSources } from './http/input/session-id-sources.js';
export type { GenerateId } from './http/new-session.js';
export type { SessionOptions } from './http/session-options.js';
export { createSessionRouter, type SessionAction, type SessionRouterOptions } from './http/session-router.js';
export { maskSessionId } from './session-id.js';
export {
  type AssociationName,
  type AssociationsInput,
  InvalidAssociationError,
  type SessionAssociations,
  type SessionInfo,
} from './session-info.js';
export type { Awaitable, SessionStore } from './session-store.js';
export { StoreUnavailableError } from './store-calls/store-guard.js';
export { createMemoryStore, type MemoryStoreOptions } from './stores/memory.js';
export type { SessionTimeouts } from './stores/shared/session-timeouts.js';
