import { ownMember } from '../../session-info.js';
import type { SessionRecord } from '../shared/session-record.js';
import { ownAssociations } from '../shared/session-record.js';

/** A session as the underlying store keeps it, in JSON. All times in ms since the epoch. */
export interface BridgeRecord extends SessionRecord {
  readonly sessionId: string;
  readonly createdAt: number;
  readonly updatedAt: number;
  readonly expiresAt: number;
}

/**
 * The record in what the underlying store returned. Throws a TypeError for anything else, also for the record of another session: a
 * store that ignores letter case returns one for the ID of another.
 */
export function parseRecord(sessionId: string, stored: object): BridgeRecord {
  const record = ownMember(stored as { sessionInfo?: unknown }, 'sessionInfo');
  if (isRecord(record) && record.sessionId === sessionId) {
    const { createdAt, updatedAt, expiresAt } = record;
    return { sessionId, ...ownAssociations(record), createdAt, updatedAt, expiresAt };
  }
  throw new TypeError('the underlying store has other data under the ID of a session; set another "prefix"');
}

function isRecord(value: unknown): value is BridgeRecord {
  if (typeof value !== 'object' || value === null) return false;
  const times = ['createdAt', 'updatedAt', 'expiresAt'] as const;
  return times.every((time) => typeof ownMember(value as BridgeRecord, time) === 'number');
}

/** The record as it is stored. The `cookie` tells the underlying store when it may remove it. */
export function storedRecord(record: BridgeRecord, now: number): object {
  return { cookie: cookieUntil(record.expiresAt, now), sessionInfo: record };
}

/**
 * Each store reads another member: `expires` connect-redis, connect-pg-simple and the MemoryStore of express-session,
 * `maxAge` memorystore, `originalMaxAge` session-file-store.
 */
function cookieUntil(expiresAt: number, now: number) {
  return { originalMaxAge: expiresAt - now, maxAge: expiresAt - now, expires: new Date(expiresAt) };
}
