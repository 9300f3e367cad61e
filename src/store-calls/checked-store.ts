import { publishSession, traceStoreCall } from '../diagnostics.js';
import { copyText } from '../session-id.js';
import { parseSessionInfo, type SessionInfo } from '../session-info.js';
import { type Awaitable, type SessionStore, trustedMethods } from '../session-store.js';
import { isPromiseLike } from './and-then.js';

/**
 * The store, with its return values checked, copied and frozen, and every call published. An invalid return value is thrown as a
 * TypeError.
 */
export function createCheckedStore(store: SessionStore): SessionStore {
  return {
    create: (id, associations) =>
      checked(store, 'create', id, parseInfo, () => store.create(copyText(id), associations)),
    get: (id) => checked(store, 'get', id, parseInfo, () => store.get(id)),
    peek: (id) => checked(store, 'peek', id, parseInfo, () => store.peek(id)),
    update: (id, changes) => checked(store, 'update', id, parseInfo, () => store.update(id, changes)),
    delete: (id) => checked(store, 'delete', id, parseEnded, () => store.delete(id)),
  };
}

/** Throws a TypeError when a value is not a store. `factory` is the function that was given it. */
export function checkStore(factory: string, store: unknown): asserts store is SessionStore {
  const missing = ['create', 'get', 'peek', 'update', 'delete'].filter(
    (method) => typeof (store as Record<string, unknown> | null | undefined)?.[method] !== 'function',
  );
  if (missing.length > 0) {
    throw new TypeError(
      `${factory}: store must be a SessionStore; it lacks ${missing.join(', ')}. Pass createMemoryStore() or another store first, options second`,
    );
  }
}

const EVENTS = {
  create: 'created',
  get: undefined,
  peek: undefined,
  update: 'updated',
  delete: 'deleted',
} as const;

function checked<Value>(
  store: SessionStore,
  method: keyof SessionStore,
  sessionId: string,
  parse: (value: unknown, sessionId: string) => Value,
  call: () => Awaitable<unknown>,
): Awaitable<Value> {
  function received(returned: unknown): Value {
    const value = trustedMethods.has(store[method]) ? (returned as Value) : parse(returned, sessionId);
    const event = EVENTS[method];
    if (event && value) publishSession(event, sessionId);
    return value;
  }
  const returned = traceStoreCall(method, sessionId, call);
  // Promise.resolve makes a well-behaved promise of any thenable: one that resolves twice is heard once.
  return isPromiseLike(returned) ? Promise.resolve(returned).then(received) : received(returned);
}

function parseInfo(value: unknown, sessionId: string): SessionInfo | undefined {
  return value === undefined ? undefined : parseSessionInfo(value, sessionId);
}

function parseEnded(value: unknown): boolean {
  if (typeof value !== 'boolean') throw new TypeError('the store did not return a boolean');
  return value;
}
