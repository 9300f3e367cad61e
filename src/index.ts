export { type AttachSessionOptions, attachSession, type SessionMiddleware } from './http/attach-session.js';
export type { SessionErrorCode } from './http/errors.js';
export { endSession, renewSession, updateSession } from './http/host-session.js';
export type { GenerateId } from './http/new-session.js';
export type { Identify, Identity } from './http/request-input.js';
export type { SessionIdSource, SessionIdSources } from './http/session-id.js';
export { createSessionRouter, type SessionAction, type SessionRouterOptions } from './http/session-router.js';
export type { SessionOptions } from './http/session-settings.js';
export type { SessionCookieOptions } from './http/signed-cookie.js';
export {
  maskSessionId,
  type SessionEvent,
  type StoreCallContext,
  type StoreFailureEvent,
} from './session-events.js';
export {
  type AssociationName,
  type AssociationsInput,
  InvalidAssociationError,
  type SessionAssociations,
  type SessionInfo,
} from './session-info.js';
export type { Awaitable, SessionStore } from './session-store.js';
export { StoreUnavailableError } from './session-store-guard.js';
export type { SessionTimeouts } from './session-timeouts.js';
export { createMemoryStore, type MemoryStoreOptions } from './stores/memory.js';
