export type { CreateStore } from './run-case.js';
export { type SessionStoreCase, sessionStoreCases } from './session-store-cases.js';
