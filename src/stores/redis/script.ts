import { createHash } from 'node:crypto';

/**
 * Sends one command to Redis and returns its reply, strings as strings. `key` is the one key of the command, for clients
 * that need it to find the node of a Cluster. Rejects when the command fails, with the server's error as the client reports it.
 */
export type SendRedisCommand = (args: string[], key: string) => PromiseLike<unknown>;

/** A Lua script on one key. */
export interface Script {
  readonly text: string;
  readonly sha1: string;
}

/** The script with this text, which the server keeps by its hash. */
export function createScript(text: string): Script {
  const trimmed = text.trim();
  return { text: trimmed, sha1: createHash('sha1').update(trimmed).digest('hex') };
}

/** Runs a script: one round trip, and one more when the server does not have the script yet. */
export async function runScript(
  sendCommand: SendRedisCommand,
  script: Script,
  key: string,
  args: readonly string[],
): Promise<unknown> {
  try {
    return await sendCommand(['EVALSHA', script.sha1, '1', key, ...args], key);
  } catch (error) {
    if (!isNoScript(error)) throw error;
    return sendCommand(['EVAL', script.text, '1', key, ...args], key);
  }
}

/** The error for a reply that no script of ours gives. */
export function wrongReply(): TypeError {
  return new TypeError('createRedisStore: sendCommand must return strings in the reply, not Buffers');
}

/** The error for a reply to another call, by a client that mixes them up. */
export function foreignReply(): Error {
  return new Error('createRedisStore: sendCommand returned the reply to another call');
}

/** Clients have no class of error in common; the first word of the message is the server's code. */
function isNoScript(error: unknown): boolean {
  return error instanceof Error && error.message.startsWith('NOSCRIPT');
}
