/**
 * The time of day as it would be if nobody had set the system's clock since the process started, in ms since the epoch. With a
 * `Date` that a test has replaced it is that one's time, whatever is done to `performance`.
 */
export function steadyTime(): number {
  return Date.now === systemTime ? origin + performance.now() : Date.now();
}

const systemTime = Date.now;
const origin = performance.timeOrigin;
