import type { SessionStore } from '../../src/index.js';

const METHODS = ['create', 'get', 'peek', 'update', 'delete'] as const;

/**
 * A store that lists its calls, such as `get live`. `before` is called with each before it reaches the store, which waits for what it
 * returns and fails with what it throws.
 */
export function observedStore(
  store: SessionStore,
  before?: (call: string) => unknown,
): SessionStore & { readonly calls: string[] } {
  const calls: string[] = [];
  const observed = METHODS.map((method) => [
    method,
    (sessionId: string, ...rest: unknown[]) => {
      const call = `${method} ${sessionId}`;
      calls.push(call);
      const make = () => (store[method] as (...args: unknown[]) => unknown)(sessionId, ...rest);
      const waited = before?.(call);
      return waited instanceof Promise ? waited.then(make) : make();
    },
  ]);
  return { ...Object.fromEntries(observed), calls };
}

/** A store whose every call fails. */
export function failingStore(): SessionStore {
  const fail = () => Promise.reject(new Error('connection refused by 10.0.0.1'));
  return { create: fail, get: fail, peek: fail, update: fail, delete: fail };
}
