import type { Awaitable } from '../session-store.js';

/** Whether a value is a promise or behaves like one. */
export function isPromiseLike<Value>(value: Awaitable<Value>): value is PromiseLike<Value> {
  return typeof (value as PromiseLike<Value> | undefined)?.then === 'function';
}

/** `use(value)`: synchronously for a value, as a promise for a promise. What `use` throws is thrown or rejected. */
export function andThen<Value, Result>(
  value: Awaitable<Value>,
  use: (value: Value) => Awaitable<Result>,
): Awaitable<Result> {
  return isPromiseLike(value) ? value.then(use) : use(value);
}
