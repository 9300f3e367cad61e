/** How long this process could do nothing, because of itself or of the machine. */
export interface StallClock {
  /** The longest time in [from, to], both of Date.now(), for which the event loop stood still, in ms. */
  longest(from: number, to: number): number;
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
    longest: (from, to) => longestStall(stalls, from, to),
    stop: () => clearInterval(timer),
  };
}

/** The longest of these that lies in [from, to], or as much of it as does. */
export function longestStall(stalls: readonly Stall[], from: number, to: number): number {
  const parts = stalls.map(({ end, ms }) => Math.min(to, end) - Math.max(from, end - ms));
  return Math.max(0, ...parts);
}
