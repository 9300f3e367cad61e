import type { Awaitable } from '../../session-store.js';

/** The store, or the check, took longer than it may. */
export class TimeLimitError extends Error {}

/** The result of a call; rejects with a {@link TimeLimitError} if it takes longer than `limit`, in ms. */
export function settleWithin<Result>(
  limit: number,
  message: () => string,
  call: () => Awaitable<Result>,
): Promise<Result> {
  return new Promise<Result>((resolve, reject) => {
    const timer = setTimeout(() => reject(new TimeLimitError(message())), limit);
    new Promise<Result>((settle) => settle(call())).finally(() => clearTimeout(timer)).then(resolve, reject);
  });
}
