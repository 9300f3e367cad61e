import { ASSOCIATION_NAMES, type AssociationChanges, type SessionInfo } from '../../session-info.js';
import type { SessionStore } from '../../session-store.js';
import { fromRecord, ownAssociations, type SessionRecord } from '../shared/session-record.js';
import { createScript, foreignReply, runScript, type SendRedisCommand, wrongReply } from './script.js';

/** What every call of the script needs. */
export interface RedisSettings {
  readonly sendCommand: SendRedisCommand;
  readonly prefix: string;
  readonly idleTimeout: number;
  readonly absoluteTimeout: number;
}

/** What a call may add to the method and the ID. */
export interface SessionCall {
  /** Names and values. `create` and `update` set them; `delete` ends the session only if it has them. See {@link fieldsOf}. */
  readonly fields?: readonly string[];
  /** The script fails and changes nothing if it runs later than this time of its node, in ms since the epoch. */
  readonly notAfter?: number | undefined;
}

/** Runs one method of a store on one session. Resolves with the session that it read, wrote or ended. */
export async function callSession(
  { sendCommand, prefix, idleTimeout, absoluteTimeout }: RedisSettings,
  method: keyof SessionStore,
  sessionId: string,
  { fields = [], notAfter }: SessionCall = {},
): Promise<SessionInfo | undefined> {
  const args = [sessionId, method, `${idleTimeout}`, `${absoluteTimeout}`, `${notAfter ?? ''}`, ...fields];
  return parseReply(sessionId, await runScript(sendCommand, SCRIPT, prefix + sessionId, args));
}

/** The given members as fields of a {@link SessionCall}; the empty value, which no association has, removes a field. */
export function fieldsOf(changes: AssociationChanges): string[] {
  return Object.entries(ownAssociations(changes)).flatMap(([name, value]) =>
    value === undefined ? [] : [name, value ?? ''],
  );
}

const FIELDS = [...ASSOCIATION_NAMES, 'createdAt', 'updatedAt'] as const;
const REPLY_LENGTHS = [1, 1 + FIELDS.length];

const READ = `redis.call('HMGET', key, ${FIELDS.map((name) => `'${name}'`).join(', ')})`;

/**
 * All five methods: what they share is most of each. The time is read in the script, and Redis replicates what a script
 * wrote, not the script (the default since 5.0, the only way since 7.0). A key of another type is an error of HMGET. Every
 * reply begins with the ID, by which a client is caught that mixes up replies. A get whose deadline is at least 95 % of
 * `idleTimeout` away has nothing to move, and does not ask for the time. The key's expiry follows the timeouts at the last
 * activity: it may be too late, or gone.
 */
const SCRIPT = createScript(`
local key, id, method, idle, absolute = KEYS[1], ARGV[1], ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4])
local notAfter, firstField = tonumber(ARGV[5]), 6
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
if notAfter and now > notAfter then
  return redis.error_reply('ERR nothing has changed: the command arrived too late, or the clocks of the nodes differ')
end
if live and now >= createdAt + absolute then
  if method ~= 'peek' then redis.call('DEL', key) end
  live, left = false, -2
end
if live == (method == 'create') then return {id} end
if method == 'peek' then return {id, unpack(session)} end
if method == 'delete' then
  for i = firstField, #ARGV, 2 do
    if redis.call('HGET', key, ARGV[i]) ~= ARGV[i + 1] then return {id} end
  end
  redis.call('DEL', key)
  return {id, unpack(session)}
end

if method == 'create' then
  createdAt = now
  redis.call('HSET', key, 'createdAt', now)
end
if method ~= 'get' then
  local set = {'updatedAt', now}
  for i = firstField, #ARGV, 2 do
    if ARGV[i + 1] == '' then
      redis.call('HDEL', key, ARGV[i])
    else
      set[#set + 1] = ARGV[i]
      set[#set + 1] = ARGV[i + 1]
    end
  end
  redis.call('HSET', key, unpack(set))
  session = ${READ}
end
local deadline = math.min(now + idle, createdAt + absolute)
local move = deadline - now - left
if left < 0 or move < 0 or move >= idle / 20 then redis.call('PEXPIREAT', key, deadline) end
return {id, unpack(session)}
`);

/** The ID alone is the reply to a call that found, or created, no session. */
function parseReply(sessionId: string, reply: unknown): SessionInfo | undefined {
  if (!Array.isArray(reply) || !reply.every(isStringOrNull) || !REPLY_LENGTHS.includes(reply.length)) {
    throw wrongReply();
  }
  const [id, ...fields] = reply;
  if (id !== sessionId) throw foreignReply();
  if (fields.length === 0) return undefined;
  const record: unknown = Object.fromEntries(FIELDS.map((name, i) => [name, fields[i]]));
  return fromRecord(sessionId, record as SessionRecord);
}

function isStringOrNull(value: unknown): value is string | null {
  return typeof value === 'string' || value === null;
}
