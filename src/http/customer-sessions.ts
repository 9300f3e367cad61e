import { checkOptions } from '../check-options.js';
import { isPlaceholderId, isSessionId } from '../session-id.js';
import { associationProblem, parseSessionInfo, type SessionInfo } from '../session-info.js';
import { type CustomerSessions, customerCallRules, type SessionStore } from '../session-store.js';
import { checkStore } from '../store-calls/checked-store.js';
import { guardOf } from '../store-calls/store-guard.js';
import { sessionError } from './errors.js';

/**
 * The calls to a store that your own routes make. All of them reject with a SessionError: `invalid_field` for a customer ID that breaks the
 * rules, `invalid_session_id` for a session ID that does or is a placeholder, and `store_unavailable` if the store fails or does not
 * respond within `storeTimeout`. An unknown or wrong option is a TypeError. Nothing was ended, unless the store was unavailable.
 */
export interface CustomerSessionCalls {
  /** The live sessions of a customer, newest first, at most `limit`: 1 to 1000, default 100. Does not count as activity. */
  listByCustomer(
    customerId: string,
    options?: { readonly limit?: number | undefined },
  ): Promise<readonly SessionInfo[]>;
  /** Ends the live sessions of a customer but the one whose ID is `except`, and returns how many. After a failure, call it again. */
  deleteByCustomer(customerId: string, options?: { readonly except?: string | undefined }): Promise<number>;
  /** Ends one session, and returns whether it was live. */
  delete(sessionId: string): Promise<boolean>;
}

/**
 * The sessions of a customer, for your own routes: "log out everywhere", a list of devices. Calls count for the limits of the store, as
 * those of a middleware do. Throws a TypeError for a store that does not implement {@link CustomerSessions}.
 */
export function customerSessions(store: SessionStore & CustomerSessions): CustomerSessionCalls {
  checkStore('customerSessions', store);
  const missing = METHODS.filter((method) => typeof store[method] !== 'function');
  if (missing.length > 0) {
    throw new TypeError(
      `customerSessions: store must implement CustomerSessions; it lacks ${missing.join(', ')}. createRedisStore has them with indexCustomers: true, a store made for express-session never`,
    );
  }
  const guard = guardOf(store);
  return {
    async listByCustomer(customerId, options = {}) {
      checkCustomerId(customerId);
      const checked = checkOptions('listByCustomer', options, customerCallRules.listByCustomer);
      return guard.run(async () =>
        parseList(await store.listByCustomer(customerId, checked), customerId, checked.limit ?? 100),
      );
    },
    async deleteByCustomer(customerId, options = {}) {
      checkCustomerId(customerId);
      const checked = checkOptions('deleteByCustomer', options, customerCallRules.deleteByCustomer);
      if (checked.except !== undefined) checkSessionId(checked.except);
      return guard.run(async () => parseCount(await store.deleteByCustomer(customerId, checked)));
    },
    async delete(sessionId) {
      checkSessionId(sessionId);
      return guard.run((checkedStore) => checkedStore.delete(sessionId));
    },
  };
}

const METHODS = ['listByCustomer', 'deleteByCustomer'] as const;

function checkCustomerId(customerId: unknown): void {
  const problem = associationProblem(customerId);
  if (problem !== undefined) throw sessionError('invalid_field', `customerId ${problem}`);
}

/** A placeholder identifies no session: as `except` it would keep none. */
function checkSessionId(sessionId: unknown): void {
  if (!isSessionId(sessionId) || isPlaceholderId(sessionId)) throw sessionError('invalid_session_id');
}

function parseList(returned: unknown, customerId: string, limit: number): readonly SessionInfo[] {
  if (!Array.isArray(returned) || returned.length > limit)
    throw new TypeError(`the store did not return a list of at most ${limit} sessions`);
  // Not by its own map, which an array of some libraries has.
  return Object.freeze(Array.from(returned, (value) => parseListed(value, customerId)));
}

function parseListed(value: unknown, customerId: string): SessionInfo {
  const info = parseSessionInfo(value, (value as SessionInfo | undefined)?.sessionId ?? '');
  if (!isSessionId(info.sessionId) || info.customerId !== customerId)
    throw new TypeError('the store returned a session that is not of this customer');
  return info;
}

function parseCount(returned: unknown): number {
  if (!Number.isInteger(returned) || (returned as number) < 0)
    throw new TypeError('the store did not return a number of sessions');
  return returned as number;
}
