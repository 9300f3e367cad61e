import { inspect } from 'node:util';
import type { Awaitable, CustomerSessions, SessionStore } from '../../session-store.js';

type Methods = SessionStore & CustomerSessions;

/** The store, or the check, took longer than it may. */
export class TimeLimitError extends Error {}

/**
 * The store, its return values not trusted. Each call is made at once. One that throws, rejects or takes too long fails the case, and
 * its promise never settles: a check that does not wait for it leaves no unhandled rejection behind.
 */
export type StoreUnderTest = {
  readonly [Method in keyof Methods]: (...args: Parameters<Methods[Method]>) => Promise<unknown>;
} & {
  /** What a call throws or rejects with, or `undefined` if it returns. */
  errorOf(method: keyof Methods, args: unknown[]): Promise<unknown>;
};

/** Watches the calls of one case: limits and measures each. */
export function createCallWatch(limit: number, fail: (error: Error) => void) {
  const timers: NodeJS.Timeout[] = [];
  let isOver = false;
  let slowest = 0;

  /** How a call ends. Never settles if it takes too long, or after the end of the case. */
  function outcomeOf<Result>(name: string, call: () => Awaitable<Result>) {
    return new Promise<PromiseSettledResult<Result>>((resolve) => {
      if (isOver) return;
      const start = performance.now();
      const timer = setTimeout(() => {
        fail(new TimeLimitError(`${name} did not return within ${limit} ms`));
      }, limit);
      timers.push(timer);
      Promise.allSettled([new Promise<Result>((settle) => settle(call()))]).then(([outcome]) => {
        clearTimeout(timer);
        slowest = Math.max(slowest, performance.now() - start);
        if (!isOver) resolve(outcome);
      });
    });
  }

  async function limited<Result>(name: string, call: () => Awaitable<Result>): Promise<Result> {
    const outcome = await outcomeOf(name, call);
    if (outcome.status === 'fulfilled') return outcome.value;
    const { reason } = outcome;
    const message = reason instanceof Error ? reason.message : inspect(reason);
    fail(new Error(`${name} must return, but it threw or rejected: ${message}`, { cause: reason }));
    return new Promise(() => {});
  }

  return {
    limited,
    /** Lets no further call reach the store, and no call settle. */
    end(): void {
      isOver = true;
      for (const timer of timers) clearTimeout(timer);
    },
    /** What the calls took, and what to do about it. */
    advice(): string {
      const ms = Math.ceil(slowest);
      return `the slowest call took ${ms} ms; for a slow backend pass { pace }, the longest time that a call takes, in ms`;
    },
    watch(store: SessionStore): StoreUnderTest {
      const call = (method: keyof Methods, args: unknown[]) => () =>
        Reflect.apply((store as Methods)[method], store, args);
      const watched: Record<string, unknown> = {
        async errorOf(method: keyof Methods, args: unknown[]) {
          const outcome = await outcomeOf(`store.${method}`, call(method, args));
          return outcome.status === 'rejected' ? outcome.reason : undefined;
        },
      };
      for (const method of METHODS) {
        watched[method] = (...args: unknown[]) => limited(`store.${method}`, call(method, args));
      }
      return watched as StoreUnderTest;
    },
  };
}

const METHODS = ['create', 'get', 'peek', 'update', 'delete', 'listByCustomer', 'deleteByCustomer'] as const;
