import type { Awaitable, SessionStore } from '../../session-store.js';
import type { CaseTime } from './case-time.js';
import type { StoreUnderTest } from './store-under-test.js';

/** Returns a view of the store under test, with these timeouts in ms. May be async. */
export type CreateStore<Store = SessionStore> = (timeouts: {
  readonly idleTimeout: number;
  readonly absoluteTimeout: number;
}) => Awaitable<Store>;

/** Rejects unless the store that `open` returns keeps the promise. */
export type Check = (open: OpenStore, time: CaseTime) => Promise<void>;

/** Opens a view of the store, with timeouts in ms at the default pace; one that is left out is too long to matter. */
export type OpenStore = (timeouts?: {
  readonly idleTimeout?: number;
  readonly absoluteTimeout?: number;
}) => Promise<StoreUnderTest>;
