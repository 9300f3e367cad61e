import { setTimeout as sleep } from 'node:timers/promises';

/** The longest time that a call takes if the caller gives no `pace`, in ms. */
export const DEFAULT_PACE = 20;

/** The time was over before a check could look in time. This says nothing about the store, so the check is run again. */
export class StalledError extends Error {
  constructor() {
    super('the calls took too long for the timeouts of this case');
  }
}

export type CaseTime = ReturnType<typeof createCaseTime>;

/** Throws a {@link StalledError} once it is too late to find a session alive. */
export type CheckInTime = () => void;

/**
 * Expiry takes place in real time, as a store may have a clock of its own. That a session is gone is checked surely after its
 * deadline. That one is live can only be checked in time, so a check notes when each call began. All ms are at the default
 * pace; `scale` is how much slower the time of the case goes.
 */
export function createCaseTime(scale: number) {
  /** Waits until so long after `start`. */
  async function sleepUntil(start: number, ms: number): Promise<void> {
    // A timer may fire a millisecond early, and a store's clock may round one away.
    const rest = start + ms * scale + 3 - performance.now();
    if (rest > 0) await sleep(rest);
  }
  return {
    sleepUntil,
    /**
     * Notes the start of a timeout. Returns a check that throws a {@link StalledError} if so much of it has passed that its end may
     * have come: a store may leave the deadline up to 5 % earlier than the last activity makes it.
     */
    startTimeout(timeout: number, part = 0.9): CheckInTime {
      const end = performance.now() + timeout * scale * part;
      return () => {
        if (performance.now() > end) throw new StalledError();
      };
    },
    sleep: (ms: number) => sleepUntil(performance.now(), ms),
    /** Waits until a timeout that started before this call is surely over. */
    waitPast: (timeout: number) => sleepUntil(performance.now(), timeout + 50),
  };
}

/** Waits until a clock with milliseconds shows a later time. */
export async function waitForNextTime(): Promise<void> {
  await sleep(20);
}

/**
 * Repeats a call until `isLater` says that the store's clock went on: for a while, as a store may show whole seconds. Resolves with
 * whether it did.
 */
export async function waitUntilLater(isLater: () => Promise<boolean>): Promise<boolean> {
  const start = performance.now();
  for (let pause = 20; ; pause = 100) {
    await sleep(pause);
    if (await isLater()) return true;
    if (performance.now() - start > 1200) return false;
  }
}
