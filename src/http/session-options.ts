import { checkOptions, isBoolean, isFunction, isOneOf, type OptionRule } from '../check-options.js';
import type { SessionStore } from '../session-store.js';
import { checkStore } from '../store-calls/checked-store.js';
import {
  createStoreGuard,
  type StoreGuard,
  type StoreGuardOptions,
  storeGuardRules,
} from '../store-calls/store-guard.js';
import type { SessionCookieOptions } from './cookie/cookie-format.js';
import { createSessionCookie, type SessionCookie } from './cookie/session-cookie.js';
import type { Identify } from './input/request-associations.js';
import {
  createFindSessionId,
  type FindSessionId,
  type SessionIdSources,
  sourcesRule,
} from './input/session-id-sources.js';
import { type GenerateId, generateUuid } from './new-session.js';

/** The options that `createSessionRouter` and `attachSession` have in common. */
export interface SessionOptions extends StoreGuardOptions {
  /**
   * Where a request of a host route names its session, in order. Default `['header', 'cookie', 'query']`: the header
   * gkc_sessionId or gkc-sessionId, the signed cookie when `cookie` is set, the query parameter sessionId. Or a function.
   */
  readonly sources?: SessionIdSources | undefined;
  /** A signed cookie that names the session, interchangeable with express-session's. Default: none. */
  readonly cookie?: SessionCookieOptions | undefined;
  /** Whether a request of a host route that names no live session gets a new one and the cookie. Default false. */
  readonly autoCreate?: boolean | undefined;
  /** The caller's agentId and customerId from the host's own login, in place of the two headers. Default: the headers. */
  readonly identify?: Identify | undefined;
  /** Makes the IDs of new sessions. Default `crypto.randomUUID()`. */
  readonly generateId?: GenerateId | undefined;
  /**
   * What the middleware does on a host route when the store is unavailable: `'fail'` (the default) hands an error with
   * `status` 503 to the host's error handler, `'continue'` goes on without a session.
   */
  readonly onStoreError?: 'fail' | 'continue' | undefined;
}

/** The options checked and made into what the middleware, and the host's own code after it, run on. */
export interface SessionSettings {
  /** The store as the host passed it: two middlewares with one store share what the first one found. */
  readonly store: SessionStore;
  readonly guard: StoreGuard;
  readonly cookie: SessionCookie | undefined;
  readonly generateId: GenerateId;
  /** Whether neither `sources` nor `cookie` says where to look: an earlier middleware's word holds then. */
  readonly followsEarlier: boolean;
  readonly findSessionId: FindSessionId;
  readonly identify: Identify | undefined;
  readonly autoCreate: boolean;
  readonly onStoreError: 'fail' | 'continue';
}

const isObject: OptionRule = {
  valid: (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
  fix: 'an object with a secret',
};

/** The rules of the options in common, for `checkOptions`. */
export const sessionRules: Record<keyof SessionOptions, OptionRule> = {
  ...storeGuardRules,
  sources: sourcesRule,
  cookie: isObject,
  autoCreate: isBoolean,
  identify: isFunction,
  generateId: isFunction,
  onStoreError: isOneOf('fail', 'continue'),
};

/** Throws a TypeError for a wrong store, option or combination. `factory` is the function that was given them. */
export function createSessionSettings(
  factory: string,
  store: unknown,
  options: SessionOptions,
  rules: Record<string, OptionRule>,
): SessionSettings {
  checkStore(factory, store);
  checkOptions(factory, options, rules);
  const { sources, autoCreate = false, identify, generateId = generateUuid, onStoreError = 'fail' } = options;
  const cookie = options.cookie && createSessionCookie(factory, options.cookie);
  if (autoCreate && !cookie) {
    throw new TypeError(
      `${factory}: option "autoCreate" needs option "cookie", or no later request finds its session`,
    );
  }
  if (!cookie && Array.isArray(sources) && sources.every((source) => source === 'cookie')) {
    throw new TypeError(`${factory}: the source "cookie" needs option "cookie"`);
  }
  const guard = createStoreGuard(store, {
    storeTimeout: options.storeTimeout,
    maxPendingStoreCalls: options.maxPendingStoreCalls,
  });
  const findSessionId = createFindSessionId(sources, cookie);
  const followsEarlier = sources === undefined && !cookie;
  return {
    store,
    guard,
    cookie,
    generateId,
    followsEarlier,
    findSessionId,
    identify,
    autoCreate,
    onStoreError,
  };
}
