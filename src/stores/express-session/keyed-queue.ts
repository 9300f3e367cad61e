/** Runs tasks of one key one after another, in the order of the calls; tasks of different keys do not wait for each other. */
export type KeyedQueue = <Value>(key: string, task: () => Promise<Value>) => Promise<Value>;

/** The queue that belongs to `owner`. It remembers a key only while that has tasks; a task that rejects does not stop the next. */
export function keyedQueue(owner: object): KeyedQueue {
  const last = queues.get(owner) ?? new Map<string, Promise<unknown>>();
  queues.set(owner, last);
  return (key, task) => {
    const result = (last.get(key) ?? Promise.resolve()).then(task);
    const settled = result.then(forget, forget);
    function forget() {
      if (last.get(key) === settled) last.delete(key);
    }
    last.set(key, settled);
    return result;
  };
}

const queues = new WeakMap<object, Map<string, Promise<unknown>>>();
