import { setTimeout as sleep, setImmediate as turn } from 'node:timers/promises';

/** Calls that run beside others: each of `count` begins a little later than the one before, the last about a round trip later. */
export function createStagger(count: number, roundTrip: number) {
  return async <Result>(index: number, call: () => Promise<Result>): Promise<Result> => {
    // Of a fast store a call takes some turns of the event loop, of a slow one some ms.
    if (index % 2) await sleep((roundTrip * index) / count);
    else for (let turns = (index / 2) % 5; turns > 0; turns--) await turn();
    return call();
  };
}

/** How long a call takes, in ms. */
export async function measure(call: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await call();
  return performance.now() - start;
}
