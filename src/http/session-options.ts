import { checkOptions, isBoolean, isFunction, type OptionRule } from '../check-options.js';
import type { SessionStore } from '../session-store.js';
import { checkStore } from '../store-calls/checked-store.js';
import { guardOf, type StoreGuard, type StoreLimits, storeLimitRules } from '../store-calls/store-guard.js';
import type { SessionCookieOptions } from './cookie/cookie-format.js';
import { createSessionCookie, type SessionCookie } from './cookie/session-cookie.js';
import type { Identify } from './input/associations.js';
import {
  createLocateId,
  type LocateId,
  type SessionIdSource,
  sourcesRule,
} from './input/session-id-sources.js';
import type { GenerateId } from './new-session.js';

/** The options that `createSessionRouter` and `attachSession` have in common. */
export interface SessionOptions extends StoreLimits {
  /**
   * Where to look for a session ID, in order. The first source with a value decides. Default `['cookie']` with `cookie`, otherwise
   * `['header', 'query']`.
   */
  readonly sources?: readonly SessionIdSource[] | undefined;
  /** A signed cookie with the session ID, compatible with express-session's. Default: none. */
  readonly cookie?: SessionCookieOptions | undefined;
  /** Whether a request to your own routes that identifies no live session gets a new one and the cookie. Default false. */
  readonly autoCreate?: boolean | undefined;
  /** The caller's agentId and customerId from your own login, instead of the two headers. Default: the headers. */
  readonly identify?: Identify | undefined;
  /** Returns the IDs of new sessions. Default `crypto.randomUUID()`. */
  readonly generateId?: GenerateId | undefined;
  /**
   * Whether a request to your own routes continues without a session if the store is unavailable. Default false: your error handler
   * receives an error with `status` 503.
   */
  readonly passOnStoreError?: boolean | undefined;
}

/** What the middleware and the functions for the app's own routes work with. */
export interface SessionSettings {
  readonly locate: LocateId;
  readonly cookie: SessionCookie | undefined;
  readonly autoCreate: boolean;
  readonly extend: boolean;
  readonly identify: Identify | undefined;
  readonly generateId: GenerateId | undefined;
  readonly passOnStoreError: boolean;
}

/** The options of one middleware or router, checked. */
export interface MiddlewareSettings {
  readonly store: SessionStore;
  readonly guard: StoreGuard;
  /** For a request that no middleware with the same store has handled. */
  readonly alone: SessionSettings;
  /** For a request that an earlier one has handled: what is set here. `undefined` if it works independently. */
  readonly following: Partial<SessionSettings> | undefined;
}

/** The rules of the options in common, for `checkOptions`. */
export const sessionRules: Record<keyof SessionOptions, OptionRule> = {
  ...storeLimitRules,
  sources: sourcesRule,
  cookie: {
    valid: (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
    fix: 'an object with a secret',
  },
  autoCreate: isBoolean,
  identify: isFunction,
  generateId: isFunction,
  passOnStoreError: isBoolean,
};

/** Throws a TypeError for a wrong store, option or combination. `factory` is the function that was given them. */
export function createMiddlewareSettings(
  factory: string,
  store: unknown,
  unchecked: SessionOptions & { readonly extend?: boolean | undefined },
  rules: Record<string, OptionRule>,
): MiddlewareSettings {
  checkStore(factory, store);
  const options = checkOptions(factory, unchecked, rules);
  checkCombination(factory, options);
  const { identify, generateId, autoCreate, extend, passOnStoreError, storeTimeout, maxPendingStoreCalls } =
    options;
  const cookie = options.cookie && createSessionCookie(factory, options.cookie);
  const sources = options.sources ?? (cookie ? ['cookie'] : ['header', 'query']);
  const given = { identify, generateId, autoCreate, extend, passOnStoreError };
  const set: Partial<SessionSettings> = Object.fromEntries(
    Object.entries(given).filter(([, value]) => value !== undefined),
  );
  const guard = guardOf(store);
  guard.limit(factory, { storeTimeout, maxPendingStoreCalls });
  return {
    store,
    guard,
    alone: { ...DEFAULTS, ...set, cookie, locate: createLocateId(sources, cookie) },
    following: options.sources || cookie ? undefined : set,
  };
}

const DEFAULTS = {
  autoCreate: false,
  extend: true,
  identify: undefined,
  generateId: undefined,
  passOnStoreError: false,
};

function checkCombination(factory: string, { sources, cookie, autoCreate }: SessionOptions): void {
  if (autoCreate && !cookie) {
    throw new TypeError(
      `${factory}: option "autoCreate" needs option "cookie"; otherwise no later request finds the session`,
    );
  }
  if (sources && !cookie && sources.includes('cookie')) {
    throw new TypeError(`${factory}: the source "cookie" needs option "cookie"`);
  }
  if (sources && cookie && !sources.includes('cookie')) {
    throw new TypeError(
      `${factory}: option "cookie" needs "cookie" in option "sources"; add it, or leave "cookie" out`,
    );
  }
}
