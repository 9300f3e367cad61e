import { createScript, foreignReply, runScript, wrongReply } from './script.js';
import type { RedisSettings } from './session-script.js';

/** The constants of the index; tests have smaller ones. */
export interface IndexLimits {
  /** How much longer than `absoluteTimeout` an entry stays, in ms: the fence, and as much for clocks of the nodes that differ. */
  readonly margin: number;
  /** How long after its entry a session may be written, in ms. */
  readonly fence: number;
  /** How many sessions are read at once. */
  readonly batch: number;
}

export const INDEX_LIMITS: IndexLimits = { margin: 10 * 60_000, fence: 5 * 60_000, batch: 100 };

/** That a call associated a session with the customer. Whether it still is, only the session can say. */
export interface IndexEntry {
  readonly sessionId: string;
  /** When the last such call began, in ms since the epoch by the clock of the index's node. */
  readonly time: number;
}

/**
 * Adds an entry, or renews its time, and drops those that are too old to belong to a live session. Resolves with its time. The
 * index removes itself when nobody has added to it for as long as an entry stays.
 */
export async function addToIndex(
  settings: RedisSettings,
  { margin }: IndexLimits,
  customerId: string,
  sessionId: string,
): Promise<number> {
  const key = keyOf(settings, customerId);
  const reply = await runScript(settings.sendCommand, ADD, key, [
    sessionId,
    `${settings.absoluteTimeout + margin}`,
  ]);
  if (!Array.isArray(reply) || typeof reply[1] !== 'string') throw wrongReply();
  if (reply[0] !== sessionId) throw foreignReply();
  return Number(reply[1]);
}

/** All entries of a customer, the latest first. */
export async function readIndex(settings: RedisSettings, customerId: string): Promise<IndexEntry[]> {
  const key = keyOf(settings, customerId);
  const reply = await runScript(settings.sendCommand, READ, key, [customerId]);
  if (!Array.isArray(reply) || typeof reply[0] !== 'string') throw wrongReply();
  const [customer, ...members] = reply;
  if (customer !== customerId) throw foreignReply();
  return Array.from({ length: members.length / 2 }, (_, i) => ({
    sessionId: members[2 * i],
    time: Number(members[2 * i + 1]),
  }));
}

/** Ends in a character that no session ID has, so that it is no session's key, whatever the prefix of another store. */
function keyOf({ prefix }: RedisSettings, customerId: string): string {
  return `${prefix}customer:${customerId}:`;
}

/** ZADD GT would need Redis 6.2. A time never goes back, even if the clock does. */
const ADD = createScript(`
local key, id, keep = KEYS[1], ARGV[1], tonumber(ARGV[2])
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
if now > tonumber(redis.call('ZSCORE', key, id) or 0) then redis.call('ZADD', key, now, id) end
redis.call('ZREMRANGEBYSCORE', key, '-inf', now - keep - 1)
redis.call('PEXPIRE', key, keep)
return {id, string.format('%.0f', now)}
`);

/** A script, so that no client sends it to a replica. */
const READ = createScript(`
local reply = redis.call('ZREVRANGE', KEYS[1], 0, -1, 'WITHSCORES')
table.insert(reply, 1, ARGV[1])
return reply
`);
