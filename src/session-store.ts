import type { SessionAssociations, SessionInfo } from './session-info.js';

/** A value at once, or a promise of it. */
export type Awaitable<Value> = Value | PromiseLike<Value>;

/**
 * Where sessions are kept. This file is the specification; the cases of `express-session-info/testing` check it, each named
 * for the sentence below that it checks.
 *
 * A session is *live* from its creation until it is deleted, until nobody used it for `idleTimeout`, or until
 * `absoluteTimeout` after its creation, whichever comes first. The two times are options of the store, in milliseconds.
 *
 * What a store is given: a session ID is 1 to 128 of `A-Z a-z 0-9 - . _ ~`, but not `.`, `..` or "new"; an association is a
 * well-formed string of 1 to 256 UTF-16 units without control characters. The package checks both before it calls; a store
 * need not.
 *
 * What every method promises:
 * - It may answer at once or with a promise.
 * - "Not found" is the value `undefined`; a throw or a rejection means that the backend failed.
 * - It is atomic: calls at the same time have the effect of the same calls one after the other.
 * - It treats an expired session as not there, at once, whether or not the backend has removed it.
 * - It takes IDs apart exactly: every character and its letter case count.
 * - No ID is special.
 * - It gives values back exactly as they came.
 * - What it returns is frozen or a copy: writing to it does not change the stored session.
 * - What it was given is not kept: writing to it afterwards does not change the stored session.
 * - It does not touch any other session.
 *
 * What a store must not do: reject for want of a session, keep a process alive with a timer, open or close the connection
 * that it was given.
 */
export interface SessionStore {
  /**
   * Makes a session.
   * - It answers the new session: the ID, the associations named, the two times, and nothing else.
   * - A member that is `undefined` is not associated.
   * - `createdAt` and `updatedAt` are the same moment, by the clock of the store.
   * - When a live session has that ID it answers `undefined`, and changes nothing.
   * - An ID whose session was deleted or has expired is free again, and nothing of the old session is left.
   * - Of several creates of one ID at the same time, exactly one makes the session.
   */
  create(sessionId: string, associations: SessionAssociations): Awaitable<SessionInfo | undefined>;

  /**
   * Reads a session.
   * - It answers the live session with that ID: the ID, its associations, the two times, and nothing else.
   * - Without a live one it answers `undefined`, and makes none.
   * - It changes neither the associations nor the two times.
   * - It is a use: the idle timeout starts again. A store may skip an extension that would move the deadline by less than
   *   5 % of `idleTimeout`.
   * - No use carries a session past `absoluteTimeout`.
   */
  get(sessionId: string): Awaitable<SessionInfo | undefined>;

  /**
   * Associates more with a session.
   * - It answers the session with the named members in place of its own, and keeps the other members.
   * - A member that is `undefined` is kept as it was.
   * - It sets `updatedAt` by the clock of the store, even when it names nothing, and keeps `createdAt`.
   * - It never makes a session: without a live one it answers `undefined`, and changes nothing.
   * - It is a use, as `get` is.
   * - Of several updates at the same time none is lost.
   * - The members of one update are never seen apart.
   */
  update(sessionId: string, associations: SessionAssociations): Awaitable<SessionInfo | undefined>;

  /**
   * Ends a session.
   * - It answers whether a live session was ended by this call.
   * - The session is not found from then on.
   * - No update in flight brings it back.
   */
  delete(sessionId: string): Awaitable<boolean>;
}
