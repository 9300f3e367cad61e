import type { Awaitable, SessionStore } from '../session-store.js';

/** Gives a view of the store under test, with these timeouts in ms; at once or with a promise. */
export type CreateStore = (timeouts: {
  readonly idleTimeout: number;
  readonly absoluteTimeout: number;
}) => Awaitable<SessionStore>;

/** The cases of some promises: for each promise its situations, and for each situation the check. */
export type PromiseCases = Readonly<Record<string, Readonly<Record<string, Check>>>>;

/** Rejects unless the store that `open` gives keeps the promise. */
export type Check = (open: OpenStore) => Promise<void>;

/** Opens a view of the store; a timeout that is left out is too long to matter. */
export type OpenStore = (timeouts?: {
  readonly idleTimeout?: number;
  readonly absoluteTimeout?: number;
}) => Promise<StoreUnderTest>;

/** The store, its answers not trusted: each call is made at once, and rejects when it throws or takes too long. */
export type StoreUnderTest = {
  readonly [Method in keyof SessionStore]: (...args: Parameters<SessionStore[Method]>) => Promise<unknown>;
};

/** Both limits lie well below the 5 s that Vitest and Jest give a test, so that the message is ours. */
const CALL_LIMIT = 2000;
const CASE_LIMIT = 4000;

/** Nobody waits for these: a session that a case leaves behind in a shared backend expires after them. */
const LONG_TIMEOUTS = { idleTimeout: 60_000, absoluteTimeout: 60_000 };

/** Runs one check on the store, within the limits. When one is passed, the check can make no further call. */
export async function runCase(createStore: CreateStore, check: Check): Promise<void> {
  let passedLimit: PassedLimitError | undefined;

  async function limited<Answer>(name: string, call: () => Awaitable<Answer>): Promise<Answer> {
    if (passedLimit) throw passedLimit;
    try {
      return await settleWithin(CALL_LIMIT, `${name} did not answer within ${CALL_LIMIT} ms`, call);
    } catch (error) {
      if (error instanceof PassedLimitError) {
        passedLimit ??= error;
        throw error;
      }
      const message = error instanceof Error ? error.message : String(error);
      throw new Error(`${name} must answer, but it threw or rejected: ${message}`, { cause: error });
    }
  }

  async function open(timeouts = {}): Promise<StoreUnderTest> {
    const store = await limited('createStore', () => createStore({ ...LONG_TIMEOUTS, ...timeouts }));
    return {
      create: (id, associations) => limited('store.create', () => store.create(id, associations)),
      get: (id) => limited('store.get', () => store.get(id)),
      update: (id, associations) => limited('store.update', () => store.update(id, associations)),
      delete: (id) => limited('store.delete', () => store.delete(id)),
    };
  }

  try {
    await settleWithin(CASE_LIMIT, `the case did not end within ${CASE_LIMIT} ms`, () => check(open));
  } catch (error) {
    if (error instanceof PassedLimitError) passedLimit ??= error;
    throw error;
  }
}

/** The store, or the check, took longer than it may. */
export class PassedLimitError extends Error {}

function settleWithin<Answer>(
  limit: number,
  message: string,
  call: () => Awaitable<Answer>,
): Promise<Answer> {
  return new Promise<Answer>((resolve, reject) => {
    const timer = setTimeout(() => reject(new PassedLimitError(message)), limit);
    new Promise<Answer>((answer) => answer(call())).finally(() => clearTimeout(timer)).then(resolve, reject);
  });
}
