import { createHash } from 'node:crypto';
import { checkOptions, type OptionRule } from '../check-options.js';
import { ASSOCIATION_NAMES, type SessionAssociations, type SessionInfo } from '../session-info.js';
import type { SessionStore } from '../session-store.js';
import { fromRecord, type SessionRecord } from './shared/session-record.js';
import { type SessionTimeouts, timeoutRules, withDefaultTimeouts } from './shared/session-timeouts.js';

/** The options of {@link createRedisStore}. */
export interface RedisStoreOptions extends SessionTimeouts {
  /**
   * What the key of a session begins with. It ends in a character that no ID has, such as `:`, so that no ID reaches keys of
   * another prefix. Default `session-info:`.
   */
  readonly prefix?: string | undefined;
}

/**
 * Sends one command to Redis and answers its reply, strings as strings. `key` is the one key of the command, for clients
 * that want it to find the node of a Cluster. Rejects when the command fails, with the server's error as the client made it.
 */
export type SendRedisCommand = (args: string[], key: string) => PromiseLike<unknown>;

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
 * the server's. A session is a hash that Redis removes at its deadline, by the key's own expiry; a use that would move the
 * deadline by less than 5 % of `idleTimeout` writes nothing. A client that repeats a command after a lost connection may
 * answer a `create` that was made with "taken". Throws a TypeError for a wrong option.
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
  const { idleTimeout, absoluteTimeout } = withDefaultTimeouts(options);
  const { prefix = 'session-info:' } = options;

  async function run(
    method: keyof SessionStore,
    sessionId: string,
    associations: SessionAssociations = {},
  ): Promise<SessionInfo | undefined> {
    const key = prefix + sessionId;
    const timeouts = [`${idleTimeout}`, `${absoluteTimeout}`];
    const args = ['1', key, sessionId, method, ...timeouts, ...fieldsOf(associations)];
    return parseReply(sessionId, await evaluate(args, key));
  }

  async function evaluate(args: string[], key: string): Promise<unknown> {
    try {
      return await sendCommand(['EVALSHA', SCRIPT_SHA1, ...args], key);
    } catch (error) {
      if (!isNoScript(error)) throw error;
      return sendCommand(['EVAL', SCRIPT, ...args], key);
    }
  }

  return {
    create: (sessionId, associations) => run('create', sessionId, associations),
    get: (sessionId) => run('get', sessionId),
    update: (sessionId, associations) => run('update', sessionId, associations),
    delete: async (sessionId) => (await run('delete', sessionId)) !== undefined,
  };
}

const FIELDS = [...ASSOCIATION_NAMES, 'createdAt', 'updatedAt'] as const;
const REPLY_LENGTHS = [1, 1 + FIELDS.length];

const READ = `redis.call('HMGET', key, ${FIELDS.map((name) => `'${name}'`).join(', ')})`;

/**
 * All four methods: what they share is most of each. The time is read in the script, and Redis replicates what a script
 * wrote, not the script (the default since 5.0, the only way since 7.0). A key of another type is an error of HMGET. Every
 * reply begins with the ID, by which a client is caught that hands one call the reply of another. A get whose deadline is
 * at least 95 % of `idleTimeout` away has nothing to move, and does not ask for the time. The key's expiry goes by the timeouts
 * under which the session was last used: it may be too late, or gone.
 */
const SCRIPT = `
local key, id, method, idle, absolute = KEYS[1], ARGV[1], ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4])
local session = ${READ}
local createdAt = tonumber(session[${FIELDS.indexOf('createdAt') + 1}] or nil)
local live = createdAt ~= nil
if not live and redis.call('EXISTS', key) == 1 then
  return redis.error_reply('ERR the key holds a hash that is not a session')
end
if not live and method ~= 'create' then return {id} end

local left = redis.call('PTTL', key)
if method == 'get' and left <= idle and idle - left < idle / 20 then return {id, unpack(session)} end

local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
if live and now >= createdAt + absolute then
  redis.call('DEL', key)
  live, left = false, -2
end
if live == (method == 'create') then return {id} end
if method == 'delete' then
  redis.call('DEL', key)
  return {id, unpack(session)}
end

if method == 'create' then
  createdAt = now
  redis.call('HSET', key, 'createdAt', now)
end
if method ~= 'get' then
  redis.call('HSET', key, 'updatedAt', now, unpack(ARGV, 5))
  session = ${READ}
end
local deadline = math.min(now + idle, createdAt + absolute)
local move = deadline - now - left
if left < 0 or move < 0 or move >= idle / 20 then redis.call('PEXPIREAT', key, deadline) end
return {id, unpack(session)}
`.trim();

const SCRIPT_SHA1 = createHash('sha1').update(SCRIPT).digest('hex');

const isPrefix: OptionRule = {
  valid: (value) => typeof value === 'string' && /[^A-Za-z0-9\-._~]$/.test(value),
  fix: 'a string that ends in a character that no session ID has, such as ":"',
};
const rules = { ...timeoutRules, prefix: isPrefix };

function fieldsOf(associations: SessionAssociations): string[] {
  return ASSOCIATION_NAMES.flatMap((name) => {
    const value = associations[name];
    return value === undefined ? [] : [name, value];
  });
}

/** Clients have no class of error in common; the first word of the message is the server's code. */
function isNoScript(error: unknown): boolean {
  return error instanceof Error && error.message.startsWith('NOSCRIPT');
}

/** The ID alone is the reply of a call that found, or made, no session. */
function parseReply(sessionId: string, reply: unknown): SessionInfo | undefined {
  if (!Array.isArray(reply) || !reply.every(isStringOrNull) || !REPLY_LENGTHS.includes(reply.length)) {
    throw new TypeError(
      'createRedisStore: sendCommand must answer the reply with strings as strings, not as Buffers',
    );
  }
  const [id, ...fields] = reply;
  if (id !== sessionId)
    throw new Error('createRedisStore: sendCommand answered the reply for another session');
  if (fields.length === 0) return undefined;
  const record: unknown = Object.fromEntries(FIELDS.map((name, i) => [name, fields[i]]));
  return fromRecord(sessionId, record as SessionRecord);
}

function isStringOrNull(value: unknown): value is string | null {
  return typeof value === 'string' || value === null;
}
