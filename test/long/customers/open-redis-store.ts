import type { CustomerSessions, SessionStore } from '../../../src/session-store.js';
import type { IndexLimits } from '../../../src/stores/redis/customer-index.js';
import { createCustomerSessions } from '../../../src/stores/redis/customer-sessions.js';
import { createRedisStore } from '../../../src/stores/redis/redis.js';
import type { RedisSettings } from '../../../src/stores/redis/session-script.js';

export type CustomerStore = SessionStore & CustomerSessions;
export type OpenRedisStore = (settings: RedisSettings, limits: IndexLimits) => CustomerStore;

/** What `createRedisStore` gives with `indexCustomers`, with other limits. */
export const openRedisStore: OpenRedisStore = (settings, limits) => {
  const { sendCommand, ...options } = settings;
  return { ...createRedisStore(sendCommand, options), ...createCustomerSessions(settings, limits) };
};
