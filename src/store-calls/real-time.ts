import { promisify } from 'node:util';

/**
 * Timers and a clock that stay real while a test fakes them: a faked timer that never runs would leave a call to a store pending for
 * ever. Only if this module is loaded while the timers are faked already, it looks them up at each call.
 */
export function startTimer(task: () => void, ms: number): NodeJS.Timeout {
  return isFaked ? setTimeout(task, ms) : realSetTimeout(task, ms);
}

export function stopTimer(timer: NodeJS.Timeout): void {
  if (isFaked) clearTimeout(timer);
  else realClearTimeout(timer);
}

/** In ms, since some moment in the past. Not affected by changes of the system clock. */
export function monotonicNow(): number {
  return isFaked ? performance.now() : realNow();
}

const { setTimeout: realSetTimeout, clearTimeout: realClearTimeout } = globalThis;
const realNow = performance.now.bind(performance);

/** Sinon, which Jest and Vitest use, puts a mark on its timers; those of node:test lack what Node's own have. */
const isFaked = 'clock' in realSetTimeout || !Object.hasOwn(realSetTimeout, promisify.custom);
