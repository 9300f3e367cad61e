import type { Awaitable, CustomerSessions, SessionStore } from '../../session-store.js';
import { settleWithin, TimeLimitError } from './settle-within.js';

type Methods = SessionStore & CustomerSessions;

/** The store, its return values not trusted: each call is made at once, and rejects if it throws or takes too long. */
export type StoreUnderTest = {
  readonly [Method in keyof Methods]: (...args: Parameters<Methods[Method]>) => Promise<unknown>;
};

/** Watches the calls of one case: limits and measures each. */
export function createCallWatch(limit: number) {
  let stopped: TimeLimitError | undefined;
  let slowest = 0;

  async function limited<Result>(name: string, call: () => Awaitable<Result>): Promise<Result> {
    if (stopped) throw stopped;
    const start = performance.now();
    try {
      return await settleWithin(limit, () => `${name} did not return within ${limit} ms`, call);
    } catch (error) {
      if (error instanceof TimeLimitError) {
        stopped ??= error;
        throw error;
      }
      const message = error instanceof Error ? error.message : String(error);
      throw new Error(`${name} must return, but it threw or rejected: ${message}`, { cause: error });
    } finally {
      slowest = Math.max(slowest, performance.now() - start);
    }
  }

  return {
    limited,
    /** Lets no further call reach the store. */
    stop(error: TimeLimitError): void {
      stopped ??= error;
    },
    /** What the calls took, and what to do about it. */
    advice(): string {
      const ms = Math.ceil(slowest);
      return `the slowest call took ${ms} ms; for a slow backend pass { pace }, the longest that a call takes, in ms`;
    },
    watch(store: SessionStore): StoreUnderTest {
      const watched: Record<string, unknown> = {};
      for (const method of METHODS) {
        watched[method] = (...args: unknown[]) =>
          limited(`store.${method}`, () => Reflect.apply((store as Methods)[method], store, args));
      }
      return watched as StoreUnderTest;
    },
  };
}

const METHODS = ['create', 'get', 'peek', 'update', 'delete', 'listByCustomer', 'deleteByCustomer'] as const;
