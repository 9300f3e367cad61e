import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { isPlaceholderId, isSessionId } from '../session-id.js';
import type { SessionAssociations, SessionInfo } from '../session-info.js';
import type { Awaitable } from '../session-store.js';
import type { StoreGuard } from '../store-calls/store-guard.js';
import { StoreUnavailableError } from '../store-calls/store-unavailable-error.js';
import { callHook, type HookRequest } from './hook-request.js';

/**
 * Returns the ID of a new session, or a promise of it: one that nobody can guess, 1 to 128 of `A-Z a-z 0-9 - . _ ~`, and no placeholder.
 * What it throws, and a TypeError for an ID that is not valid, goes to `next(error)`. For a new session it is called up to three times
 * while its ID is taken.
 */
export type GenerateId = {
  /** Returns an ID that nobody can guess. */
  generateId(req: HookRequest): Awaitable<string>;
}['generateId'];

/** Creates a session with a new ID. Rejects as {@link createWithNewId} does. */
export async function createSession(
  req: IncomingMessage,
  { guard, generateId }: { readonly guard: StoreGuard; readonly generateId: GenerateId | undefined },
  associations: SessionAssociations,
): Promise<SessionInfo> {
  return createWithNewId(req, generateId, (sessionId) =>
    guard.run((store) => store.create(sessionId, associations)),
  );
}

/**
 * Calls `create` with a new ID, which returns `undefined` while a live session has it. Rejects with an Error if the app's `generateId`
 * returns no valid ID, or none that is free. A store that says that a random UUID is taken is at fault itself: that is a
 * StoreUnavailableError.
 */
export async function createWithNewId<Created>(
  req: IncomingMessage,
  generateId: GenerateId | undefined,
  create: (sessionId: string) => Awaitable<Created | undefined>,
): Promise<Created> {
  const attempts = generateId ? MAX_ATTEMPTS : 1;
  for (let attempt = 0; attempt < attempts; attempt++) {
    const created = await create(await newSessionId(req, generateId));
    if (created !== undefined) return created;
  }
  if (!generateId) throw new StoreUnavailableError(new Error('the store refused a random UUID'));
  throw new Error('option "generateId" returned the ID of a live session; return random IDs');
}

/**
 * An ID from `generateId`; by default a random UUID, 122 bits from a cryptographic source (RFC 9562, section 5.4). Rejects with a TypeError if
 * it is not a valid one.
 */
async function newSessionId(req: IncomingMessage, generateId: GenerateId | undefined): Promise<string> {
  if (!generateId) return randomUUID();
  const sessionId = await callHook(req, generateId);
  if (isSessionId(sessionId) && !isPlaceholderId(sessionId)) return sessionId;
  throw new TypeError(
    'option "generateId" must return 1 to 128 of A-Z a-z 0-9 - . _ ~, and neither "new" nor only 0 and -',
  );
}

const MAX_ATTEMPTS = 3;
