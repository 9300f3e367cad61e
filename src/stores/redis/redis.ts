import { checkOptions, isBoolean, type OptionRule } from '../../check-options.js';
import type { CustomerSessions, SessionStore } from '../../session-store.js';
import { type SessionTimeouts, timeoutRules, withDefaultTimeouts } from '../shared/session-timeouts.js';
import { createCustomerSessions } from './customer-sessions.js';
import type { SendRedisCommand } from './script.js';
import { callSession, fieldsOf, type RedisSettings } from './session-script.js';

export type { SendRedisCommand } from './script.js';

/** The options of {@link createRedisStore}. */
export interface RedisStoreOptions extends SessionTimeouts {
  /**
   * What the key of a session begins with. It ends in a character that no ID has, such as `:`, so that no ID reaches keys of
   * another prefix. With `indexCustomers` no prefix may begin with another store's. Default `session-info:`.
   */
  readonly prefix?: string | undefined;
  /**
   * Whether to keep an index of each customer's sessions, so that the store is {@link CustomerSessions} too. Default `false`. A
   * `create` or `update` with a customerId then takes two round trips. All processes need the same value and the same timeouts.
   */
  readonly indexCustomers?: boolean | undefined;
}

/**
 * Keeps sessions in Redis 5 or later, or in a server that speaks its protocol and runs Lua.
 *
 * ```ts
 * createRedisStore((args) => client.sendCommand(args))                    // node-redis
 * createRedisStore((args) => sentinel.sendCommand(false, args))           // node-redis, Sentinel
 * createRedisStore((args, key) => cluster.sendCommand(key, false, args))  // node-redis, Cluster
 * createRedisStore(([name, ...rest]) => client.call(name, ...rest))       // ioredis, also Sentinel and Cluster
 * ```
 *
 * A call is one script on one key, so one round trip, and one more when the server does not have the script yet. Times are
 * the server's. A session is a hash that Redis removes at its deadline, by the key's own expiry; activity that would move the
 * deadline by less than 5 % of `idleTimeout` writes nothing. A client that repeats a command after a lost connection may
 * report a `create` that succeeded as "taken". Throws a TypeError for a wrong option.
 *
 * With `indexCustomers: true` each customer has a sorted set as well. It removes itself `absoluteTimeout` and 10 minutes after
 * the last call with that customerId. `listByCustomer` is not one snapshot. Both methods miss a session only if Redis lost
 * what it had acknowledged (an eviction, a failover), or if nothing has set its customerId since
 * the option was set, or since `absoluteTimeout` became longer. A call
 * with a customerId rejects, and changes nothing, if it takes more than 5 minutes; keep the clocks of a Cluster's nodes
 * within 5 minutes of each other.
 */
export function createRedisStore(
  sendCommand: SendRedisCommand,
  options: RedisStoreOptions & { readonly indexCustomers: true },
): SessionStore & CustomerSessions;
export function createRedisStore(sendCommand: SendRedisCommand, options?: RedisStoreOptions): SessionStore;
export function createRedisStore(
  sendCommand: SendRedisCommand,
  unchecked: RedisStoreOptions = {},
): SessionStore {
  if (typeof sendCommand !== 'function') {
    throw new TypeError(
      'createRedisStore: sendCommand must be a function; pass (args) => client.sendCommand(args), options second',
    );
  }
  const options = checkOptions('createRedisStore', unchecked, rules);
  const { prefix = 'session-info:', indexCustomers = false } = options;
  const settings: RedisSettings = { sendCommand, prefix, ...withDefaultTimeouts(options) };
  const sessions = createSessions(settings);
  return indexCustomers ? { ...sessions, ...createCustomerSessions(settings) } : sessions;
}

function createSessions(settings: RedisSettings): SessionStore {
  return {
    create: (sessionId, associations) =>
      callSession(settings, 'create', sessionId, { fields: fieldsOf(associations) }),
    get: (sessionId) => callSession(settings, 'get', sessionId),
    peek: (sessionId) => callSession(settings, 'peek', sessionId),
    update: (sessionId, changes) => callSession(settings, 'update', sessionId, { fields: fieldsOf(changes) }),
    delete: async (sessionId) => (await callSession(settings, 'delete', sessionId)) !== undefined,
  };
}

const isPrefix: OptionRule = {
  valid: (value) => typeof value === 'string' && /[^A-Za-z0-9\-._~]$/.test(value),
  fix: 'a string that ends in a character that no session ID has, such as ":"',
};
const rules = { ...timeoutRules, prefix: isPrefix, indexCustomers: isBoolean };
