export { customerSessionsCases } from './customer-sessions-cases.js';
export type { CreateStore, KitOptions, SessionStoreCase } from './harness/kit-cases.js';
export { sessionStoreCases } from './session-store-cases.js';
