import { checkOptions, type OptionRule } from '../../check-options.js';
import type { SessionStore } from '../../session-store.js';
import { type SessionTimeouts, timeoutRules, withDefaultTimeouts } from '../shared/session-timeouts.js';
import type { SendRedisCommand } from './script.js';
import { callSession, fieldsOf, type RedisSettings } from './session-script.js';

export type { SendRedisCommand } from './script.js';

/** The options of {@link createRedisStore}. */
export interface RedisStoreOptions extends SessionTimeouts {
  /**
   * What the key of a session begins with. It ends in a character that no ID has, such as `:`, so that no ID reaches keys of
   * another prefix. Default `session-info:`.
   */
  readonly prefix?: string | undefined;
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
 */
export function createRedisStore(
  sendCommand: SendRedisCommand,
  options: RedisStoreOptions = {},
): SessionStore {
  if (typeof sendCommand !== 'function') {
    throw new TypeError(
      'createRedisStore: sendCommand must be a function; pass (args) => client.sendCommand(args), options second',
    );
  }
  checkOptions('createRedisStore', options, rules);
  const { prefix = 'session-info:' } = options;
  return createSessions({ sendCommand, prefix, ...withDefaultTimeouts(options) });
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
const rules = { ...timeoutRules, prefix: isPrefix };
