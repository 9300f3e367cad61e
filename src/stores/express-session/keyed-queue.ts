import { oncePerProcess } from '../../once-per-process.js';

/** Runs tasks of one key one after another, in the order of the calls; tasks of different keys do not wait for each other. */
export type KeyedQueue = <Value>(key: string, task: () => Promise<Value>) => Promise<Value>;

/**
 * How many tasks of one key may wait: without a limit, one task that never ends would fill the memory. A quarter of the default of
 * `maxPendingStoreCalls`, so that the calls for one session alone do not use it up.
 */
const MAX_WAITING = 250;

/**
 * The queue that belongs to `owner`. It remembers a key only while that has tasks; a task that rejects does not stop the next. Rejects
 * with an Error if too many tasks of the key wait.
 */
export function keyedQueue(owner: object): KeyedQueue {
  const keys = queues.get(owner) ?? new Map<string, Line>();
  queues.set(owner, keys);
  return (key, task) => {
    const line = keys.get(key) ?? { last: Promise.resolve(), waiting: 0 };
    if (line.waiting >= MAX_WAITING)
      return Promise.reject(new Error(`${MAX_WAITING} calls for one session are waiting`));
    const result = line.last.then(task);
    line.last = result.then(finished, finished);
    line.waiting++;
    keys.set(key, line);
    function finished() {
      if (--line.waiting === 0) keys.delete(key);
    }
    return result;
  };
}

interface Line {
  /** Settles, without an error, after the task that was added last. */
  last: Promise<unknown>;
  /** The tasks that have not ended. */
  waiting: number;
}

const queues = oncePerProcess('keyed-queues.1', () => new WeakMap<object, Map<string, Line>>());
