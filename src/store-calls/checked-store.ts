import { publishSession, traceStoreCall } from '../diagnostics.js';
import { parseSessionInfo } from '../session-info.js';
import type { Awaitable, SessionStore } from '../session-store.js';
import { isPromiseLike } from './and-then.js';
import { flatten } from './flatten.js';

/**
 * A store whose answers are checked, copied and frozen; a wrong answer is thrown as a TypeError. The ID that it is to keep is a text
 * for itself: one cut out of a URL would keep all of that in memory.
 */
export type CheckedStore = SessionStore;

/** Also publishes every call and what came of it. */
export function createCheckedStore(store: SessionStore): CheckedStore {
  return {
    create: (id, associations) => ask('create', id, () => store.create(flatten(id), associations), parseInfo),
    get: (id) => ask('get', id, () => store.get(id), parseInfo),
    update: (id, associations) => ask('update', id, () => store.update(id, associations), parseInfo),
    delete: (id) => ask('delete', id, () => store.delete(id), parseEnded),
  };
}

/** Throws a TypeError when a value is not a store. `factory` is the function that was given it. */
export function checkStore(factory: string, store: unknown): asserts store is SessionStore {
  const missing = ['create', 'get', 'update', 'delete'].filter(
    (method) => typeof (store as Record<string, unknown> | null | undefined)?.[method] !== 'function',
  );
  if (missing.length > 0) {
    throw new TypeError(
      `${factory}: store must be a SessionStore; it lacks ${missing.join(', ')}. Pass createMemoryStore() or another store first, options second`,
    );
  }
}

const EVENTS = { create: 'created', get: undefined, update: 'updated', delete: 'deleted' } as const;

function ask<Value>(
  method: keyof SessionStore,
  sessionId: string,
  call: () => Awaitable<unknown>,
  parse: (answer: unknown, sessionId: string) => Value,
): Awaitable<Value> {
  function heard(answer: unknown): Value {
    const value = parse(answer, sessionId);
    const event = EVENTS[method];
    if (event && value) publishSession(event, sessionId);
    return value;
  }
  const answer = traceStoreCall(method, sessionId, call);
  // Promise.resolve makes a well-behaved promise of any thenable: one that answers twice is heard once.
  return isPromiseLike(answer) ? Promise.resolve(answer).then(heard) : heard(answer);
}

function parseInfo(answer: unknown, sessionId: string) {
  return answer === undefined ? undefined : parseSessionInfo(answer, sessionId);
}

function parseEnded(answer: unknown): boolean {
  if (typeof answer !== 'boolean') throw new TypeError('the answer is not a boolean');
  return answer;
}
