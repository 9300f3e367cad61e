import { AsyncLocalStorage } from 'node:async_hooks';
import { endOfTurn } from './end-of-turn.js';

/**
 * Combines the reads of one turn of the event loop: `readAll` is called once with all their keys and returns the values that
 * exist, by key. If it fails, each of these reads fails. It runs in the async context in which `coalesceReads` was called, because
 * it belongs to none of the readers.
 */
export function coalesceReads<Value>(
  readAll: (keys: ReadonlySet<string>) => PromiseLike<ReadonlyMap<string, Value>>,
): (key: string) => Promise<Value | undefined> {
  const inOwnContext = AsyncLocalStorage.snapshot();
  let open: Batch<Value> | undefined;

  function openBatch(): Batch<Value> {
    const keys = new Set<string>();
    const values = endOfTurn().then(() => {
      open = undefined;
      return inOwnContext(() => readAll(keys));
    });
    return { keys, values };
  }

  return async function read(key) {
    open ??= openBatch();
    open.keys.add(key);
    const values = await open.values;
    return values.get(key);
  };
}

interface Batch<Value> {
  readonly keys: Set<string>;
  readonly values: Promise<ReadonlyMap<string, Value>>;
}
