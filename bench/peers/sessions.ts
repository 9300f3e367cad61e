import { randomUUID } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import type { Associations } from './associations.ts';

export interface Session extends Associations {
  sessionId: string;
  createdAt: string;
  updatedAt: string;
}

/** What the hand-written servers keep sessions in: as many, and as long when idle, as `createMemoryStore` by default. */
const sessions = new LRUCache<string, Session>({ max: 100_000, ttl: 30 * 60_000, updateAgeOnGet: true });

export function createSession(associations: Associations, sessionId: string = randomUUID()): Session {
  const now = new Date().toISOString();
  const session = { sessionId, ...associations, createdAt: now, updatedAt: now };
  sessions.set(sessionId, session);
  return session;
}

export function findSession(sessionId: string): Session | undefined {
  return sessions.get(sessionId);
}

export function updateSession(sessionId: string, associations: Associations): Session | undefined {
  const session = sessions.get(sessionId);
  if (!session) return undefined;
  Object.assign(session, associations);
  session.updatedAt = new Date().toISOString();
  return session;
}
