/** How long this process could do nothing, because of itself or of the machine. */
export interface StallClock {
  /** For how long in [from, to], both of Date.now(), the event loop stood still, in ms. */
  within(from: number, to: number): number;
  readonly stalls: readonly Stall[];
  stop(): void;
}

/** A moment of Date.now() at which the event loop went on, and for how many ms it had stood still. */
export interface Stall {
  readonly end: number;
  readonly ms: number;
}

const TICK = 10;
/** Less is the usual lateness of a timer, which the margin is for. */
const LEAST = 20;

/** Watches the event loop of this process by a timer. */
export function watchStalls(): StallClock {
  const stalls: Stall[] = [];
  let last = performance.now();
  const timer = setInterval(() => {
    const now = performance.now();
    const ms = now - last - TICK;
    if (ms > LEAST) stalls.push({ end: Date.now(), ms });
    last = now;
  }, TICK);
  timer.unref();
  return {
    stalls,
    within: (from, to) => stalledWithin(stalls, from, to),
    stop: () => clearInterval(timer),
  };
}

/** How much of [from, to] they make up together: a busy machine holds a process up several times on its way to an answer. */
export function stalledWithin(stalls: readonly Stall[], from: number, to: number): number {
  const parts = stalls.map(({ end, ms }) => Math.min(to, end) - Math.max(from, end - ms));
  return parts.reduce((sum, part) => sum + Math.max(0, part), 0);
}
