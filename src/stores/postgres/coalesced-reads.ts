/**
 * Reads of one turn of the event loop made into one: `readAll` is asked once for all keys of the turn and answers what is there,
 * by its key. When it fails, each of the reads fails.
 */
export function coalesceReads<Value>(
  readAll: (keys: ReadonlySet<string>) => PromiseLike<ReadonlyMap<string, Value>>,
): (key: string) => Promise<Value | undefined> {
  let open: Batch<Value> | undefined;

  function openBatch(): Batch<Value> {
    const keys = new Set<string>();
    const values = new Promise((endOfTurn) => setImmediate(endOfTurn)).then(() => {
      open = undefined;
      return readAll(keys);
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
