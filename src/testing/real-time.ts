import { setTimeout as sleep } from 'node:timers/promises';
import type { SessionInfo } from '../session-info.js';
import { found, isSession } from './session-assertions.js';

export { sleep };

/**
 * Expiry is waited for, since a store may have a clock of its own. That a session is gone is asked surely after its deadline.
 * That one is alive can only be asked in time, so a check measures how long it took, and starts again when the machine
 * stalled.
 */
export class StalledError extends Error {
  constructor() {
    super('the machine was too slow for this case: it stalled on every attempt');
  }
}

/** Runs a check, and again with everything new when it stalled. */
export async function retryWhenStalled<Value>(check: () => Promise<Value>): Promise<Value> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await check();
    } catch (error) {
      if (!(error instanceof StalledError) || attempt === 6) throw error;
    }
  }
}

/** Throws a {@link StalledError} when so much of a timeout has passed since `start` that its end may have come. */
export function checkPace(start: number, timeout: number): void {
  if (mayBeOver(start, timeout)) throw new StalledError();
}

/** The session that `method` answered. One that is not there is the store's fault only before the timeout's end. */
export function foundInTime(method: string, answer: unknown, start: number, timeout: number): SessionInfo {
  if (!isSession(answer)) checkPace(start, timeout);
  return found(method, answer);
}

/** Waits until a timeout that started before this call is surely over. */
export async function waitPast(timeout: number): Promise<void> {
  await sleep(timeout + 50);
}

/** Waits until any clock shows a later millisecond. */
export async function waitForNextTime(): Promise<void> {
  await sleep(20);
}

/** A store may leave the deadline up to 5 % of the timeout earlier than the last use makes it. */
function mayBeOver(start: number, timeout: number): boolean {
  return performance.now() - start > timeout * 0.9;
}
