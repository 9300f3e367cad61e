import { randomUUID } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { LRUCache } from 'lru-cache';

// What the hand-written servers and fastify share: sessions, and the checks that an app would write.

export interface Associations {
  agentId?: string;
  customerId?: string;
  visitId?: string;
  globalVisitId?: string;
}

export interface Session extends Associations {
  sessionId: string;
  createdAt: string;
  updatedAt: string;
}

/** As many sessions, and for as long when idle, as `createMemoryStore` by default. */
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

export class BadRequest extends Error {
  readonly status = 400;
}

/** The associations of a request, checked. What is missing, null or empty is left out. */
export function readAssociations(headers: IncomingHttpHeaders, body: unknown): Associations {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    throw new BadRequest('The body must be a JSON object');
  }
  const { visitId, globalVisitId } = body as Record<string, unknown>;
  const associations: Associations = {};
  add(associations, 'agentId', headers.gkc_agentid ?? headers['gkc-agentid']);
  add(associations, 'customerId', headers.gkc_customerid ?? headers['gkc-customerid']);
  add(associations, 'visitId', visitId);
  add(associations, 'globalVisitId', globalVisitId);
  return associations;
}

export function isSessionId(value: string | undefined): value is string {
  return value !== undefined && SESSION_ID.test(value);
}

const SESSION_ID = /^[A-Za-z0-9\-._~]{1,128}$/;
const CONTROL_CHARACTER = /\p{Cc}/u;

function add(associations: Associations, name: keyof Associations, value: unknown): void {
  if (value === undefined || value === null || value === '') return;
  if (
    typeof value !== 'string' ||
    value.length > 256 ||
    !value.isWellFormed() ||
    CONTROL_CHARACTER.test(value)
  ) {
    throw new BadRequest(`${name} is not valid`);
  }
  associations[name] = value;
}
