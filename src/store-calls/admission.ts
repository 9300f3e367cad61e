import { monotonicNow } from './real-time.js';

/** One call that the store has not settled yet. */
export interface PendingCall {
  /** Whether its time is over: an operation of several calls makes no further one then. */
  passed: boolean;
  readonly isProbe: boolean;
}

/** The limits of one store, in ms and calls. */
export interface AdmissionLimits {
  readonly storeTimeout: number;
  readonly maxPendingStoreCalls: number;
}

/**
 * How many calls may wait for one store. A call that timed out goes on counting until the store settles it. Over the limit, one
 * call in every `storeTimeout` is let through as a probe, so that a driver that hangs gets no more than that; when a probe succeeds, the
 * store has recovered, and the calls that timed out and were never settled are forgotten.
 */
export class Admission {
  #waiting = 0;
  #overdue = new Set<PendingCall>();
  #lastProbe = Number.NEGATIVE_INFINITY;

  /** Whether one more call would be a probe. Throws an Error if it is not admitted. */
  admit({ storeTimeout, maxPendingStoreCalls }: AdmissionLimits): boolean {
    const pending = this.#waiting + this.#overdue.size;
    if (pending < maxPendingStoreCalls) return false;
    const now = monotonicNow();
    if (Math.abs(now - this.#lastProbe) < storeTimeout)
      throw new Error(`${pending} calls to the store are pending`);
    this.#lastProbe = now;
    return true;
  }

  started(): void {
    this.#waiting++;
  }

  timedOut(call: PendingCall): void {
    call.passed = true;
    this.#waiting--;
    this.#overdue.add(call);
  }

  settled(call: PendingCall): void {
    if (call.passed) this.#overdue.delete(call);
    else this.#waiting--;
  }

  probeSucceeded(): void {
    this.#overdue = new Set();
  }
}
