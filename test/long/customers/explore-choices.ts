/** Picks one of so many possibilities, by number. */
export type Choose = (count: number) => number;

/** Runs a task once for each sequence of choices that it can be given, and yields what came of each. */
export async function* exploreAll<Outcome>(
  run: (choose: Choose) => Promise<Outcome>,
): AsyncGenerator<Outcome> {
  let prefix: number[] = [];
  for (;;) {
    const taken: { choice: number; count: number }[] = [];
    yield await run((count) => {
      const choice = prefix[taken.length] ?? 0;
      taken.push({ choice, count });
      return choice;
    });
    while (taken.length > 0 && isLast(taken.at(-1))) taken.pop();
    if (taken.length === 0) return;
    prefix = taken.map(({ choice }, i) => (i === taken.length - 1 ? choice + 1 : choice));
  }
}

/** Runs a task so many times with random choices, the same ones for the same seed. */
export async function* exploreSome<Outcome>(
  run: (choose: Choose) => Promise<Outcome>,
  { runs, seed }: { runs: number; seed: number },
): AsyncGenerator<Outcome> {
  const random = randomFrom(seed);
  for (let i = 0; i < runs; i++) yield await run((count) => Math.floor(random() * count));
}

function isLast(taken: { choice: number; count: number } | undefined): boolean {
  return taken !== undefined && taken.choice + 1 === taken.count;
}

/** Numbers from 0 to 1 by a linear congruence modulo 2^32, of which the upper bits are used. */
function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
