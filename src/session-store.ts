import { isInteger, type OptionRule } from './check-options.js';
import type { AssociationChanges, SessionAssociations, SessionInfo } from './session-info.js';

/** A value, or a promise of it. */
export type Awaitable<Value> = Value | PromiseLike<Value>;

/**
 * Where sessions are stored. This file is the specification; `sessionStoreCases` of `express-session-info/testing` checks each of
 * its sentences, in cases named after them.
 *
 * A session is *live* from its creation until it is deleted, until `idleTimeout` has passed without activity, or until
 * `absoluteTimeout` has passed since its creation, whichever comes first. Both timeouts are options of the store, in ms.
 *
 * What a store receives: a session ID is 1 to 128 of `A-Z a-z 0-9 - . _ ~`, but not `.`, `..` or "new", and not a placeholder of `0`
 * and `-` only. An association is a well-formed string of 1 to 256 UTF-16 units without control characters. The package checks
 * both before it calls a store, so a store need not.
 *
 * What every method promises:
 * - It returns a value or a promise.
 * - "Not found" is the value `undefined`; throwing or rejecting means that the backend failed.
 * - It is atomic: concurrent calls have the same effect as some sequence of these calls.
 * - An expired session is not found, immediately, whether or not the backend has removed it.
 * - It compares IDs exactly: IDs are case-sensitive.
 * - No ID is special.
 * - It returns values exactly as it received them.
 * - The return value is frozen or a copy: writing to it does not change the stored session.
 * - Its arguments are copied: writing to them afterwards does not change the stored session.
 * - It does not touch any other session.
 *
 * A store does not keep the process alive with a timer, and does not open or close the connection that it was given.
 */
export interface SessionStore {
  /**
   * Creates a session.
   * - It returns the new session: the ID, the given associations, the two times, and nothing else.
   * - A member that is `undefined` is not associated. It never receives `null`.
   * - `createdAt` and `updatedAt` are the same time, by the store's clock.
   * - If a live session has the ID, it returns `undefined` and changes nothing.
   * - The ID of a deleted or expired session is free again, and nothing of the old session remains.
   * - Of several concurrent creates of one ID, exactly one creates the session.
   */
  create(sessionId: string, associations: SessionAssociations): Awaitable<SessionInfo | undefined>;

  /**
   * Reads a session.
   * - It returns the live session with the ID: the ID, its associations, the two times, and nothing else.
   * - Without a live session it returns `undefined` and creates nothing.
   * - It changes neither the associations nor the two times.
   * - It counts as activity: the idle timeout restarts. A store may skip an extension that would move the deadline by less than
   *   5 % of `idleTimeout`.
   * - Activity never extends a session past `absoluteTimeout`.
   */
  get(sessionId: string): Awaitable<SessionInfo | undefined>;

  /**
   * Reads a session without counting as activity.
   * - It returns what `get` would return.
   * - It changes nothing: the idle timeout goes on.
   */
  peek(sessionId: string): Awaitable<SessionInfo | undefined>;

  /**
   * Changes the associations of a session.
   * - It returns the session with the given members replaced; the other members stay.
   * - A member that is `undefined` stays as it is.
   * - A member that is `null` is removed.
   * - It sets `updatedAt` by the store's clock, even if no member is given, and keeps `createdAt`.
   * - It never creates a session: without a live session it returns `undefined` and changes nothing.
   * - It counts as activity, like `get`.
   * - Of several concurrent updates none is lost.
   * - The members of one update are never seen apart.
   */
  update(sessionId: string, changes: AssociationChanges): Awaitable<SessionInfo | undefined>;

  /**
   * Ends a session.
   * - It returns whether this call ended a live session.
   * - The session is not found from then on.
   * - An update in flight does not revive it.
   */
  delete(sessionId: string): Awaitable<boolean>;
}

/**
 * The sessions of one customer. A store may implement this next to {@link SessionStore}; `customerSessionsCases` of
 * `express-session-info/testing` checks each sentence. A session is the customer's while its `customerId` is exactly the one given.
 *
 * What both methods promise:
 * - The result includes every live session whose association with the customer was confirmed before the call began and has not
 *   changed since. An association is confirmed once any call has returned it.
 * - It includes no session that was not, at some moment during the call, live and the customer's.
 * - It compares customer IDs exactly.
 * - The cost depends on how many sessions named the customer within the last `absoluteTimeout`, not on the size of the store.
 * - An unknown or wrong option throws or rejects with a TypeError, and ends nothing.
 * - A `customerId` that is not a valid association throws or rejects with a TypeError.
 * - If the backend fails, it throws or rejects.
 *
 * Apps can call both methods directly, so the store checks what it is given. With an ignored typo of `except`, a call would end all
 * sessions of the customer.
 */
export interface CustomerSessions {
  /**
   * Lists the live sessions of a customer.
   * - They are sorted by `createdAt`, newest first.
   * - With `limit`, a whole number from 1 to 1000, it returns the newest ones. Default 100.
   * - Without sessions it returns an empty list.
   * - It does not count as activity and changes nothing.
   * - The list and its sessions are frozen or copies.
   */
  listByCustomer(
    customerId: string,
    options?: { readonly limit?: number | undefined },
  ): Awaitable<readonly SessionInfo[]>;

  /**
   * Ends the live sessions of a customer.
   * - It returns how many live sessions it ended.
   * - It ends all of them, without a limit, unless one changes during the call.
   * - It keeps the session whose ID is `except`.
   * - It ends a session only while it is live and the customer's: never one that has moved to another customer.
   * - It never ends a session that was created under the same ID after the one it read.
   * - If it fails part-way, some sessions may have ended. Call it again.
   */
  deleteByCustomer(customerId: string, options?: { readonly except?: string | undefined }): Awaitable<number>;
}

/** Methods of this package's memory store. What they return needs no check and no copy: they create it from values that were checked. */
export const trustedMethods = new WeakSet<object>();

const isString: OptionRule = { valid: (value) => typeof value === 'string', fix: 'the ID of a session' };
/** The rules of the options of {@link CustomerSessions}, for `checkOptions`. */
export const customerCallRules = {
  listByCustomer: { limit: isInteger('sessions', 1, 1000) },
  deleteByCustomer: { except: isString },
};
