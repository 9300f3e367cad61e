import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Request } from 'express';
import { isSessionId } from '../session-id.js';
import type { SessionAssociations, SessionInfo } from '../session-info.js';
import type { Awaitable } from '../session-store.js';
import { type StoreGuard, StoreUnavailableError } from '../store-calls/store-guard.js';

/**
 * Makes the ID of a new session, at once or by a promise: one that nobody can guess, 1 to 128 of `A-Z a-z 0-9 - . _ ~`. What it
 * throws, and a TypeError for an ID that is not valid, goes to `next(error)`. For a new session it is asked up to
 * three times while its ID is taken.
 */
export type GenerateId = (req: Request) => Awaitable<string>;

/** The default: a random UUID, 122 bits from a cryptographic source (RFC 9562, section 5.4). */
export const generateUuid: GenerateId = () => randomUUID();

/**
 * Makes a session under a fresh ID. Rejects with an Error when a `generateId` of the host's gives no valid ID, or none that is
 * free; a store that holds a random UUID to be taken is at fault itself, and so a StoreUnavailableError.
 */
export async function createSession(
  req: IncomingMessage,
  { guard, generateId }: { guard: StoreGuard; generateId: GenerateId },
  associations: SessionAssociations,
): Promise<SessionInfo> {
  const attempts = generateId === generateUuid ? 1 : MAX_ATTEMPTS;
  for (let attempt = 0; attempt < attempts; attempt++) {
    const sessionId = await freshId(req, generateId);
    const created = await guard.run((store) => store.create(sessionId, associations));
    if (created) return created;
  }
  throw idTaken(generateId);
}

/** The error of an ID that should have been fresh and was not. */
export function idTaken(generateId: GenerateId): Error {
  if (generateId === generateUuid)
    return new StoreUnavailableError(new Error('the store refused a random UUID'));
  return new Error('option "generateId" gave the ID of a live session; make IDs random');
}

/** An ID from `generateId`. Rejects with a TypeError when it is not a valid one. */
export async function freshId(req: IncomingMessage, generateId: GenerateId): Promise<string> {
  const sessionId = await generateId(req as Request);
  if (isSessionId(sessionId)) return sessionId;
  throw new TypeError('option "generateId" must give 1 to 128 of A-Z a-z 0-9 - . _ ~, and not "new"');
}

const MAX_ATTEMPTS = 3;
