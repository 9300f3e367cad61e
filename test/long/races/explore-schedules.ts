/** Awaited by a party of a race before each of its commands; it goes on when the schedule says so. */
export type Turn = () => Promise<void>;

export interface Race<Outcome> {
  /** What is scheduled: each awaits its turn before each of its commands. */
  readonly parties: readonly ((turn: Turn) => Promise<unknown>)[];
  /** What came of it, when all are through. */
  outcome(): Promise<Outcome>;
}

export interface Explored<Outcome> {
  /** Whose turn it was, by number: 0, 1, 0 … */
  readonly schedule: readonly number[];
  readonly outcome: Outcome;
}

/**
 * Runs a race once for each order in which its parties can send their commands, one command at a time, and yields what came
 * of each. `begin` makes a fresh race. `isHeldUp` says whether the command that a party has sent waits for another party,
 * for the lock of a row or in a queue; the schedule then goes on without it. Nothing here goes by time but the limit.
 */
export async function* exploreSchedules<Outcome>(
  begin: () => Promise<Race<Outcome>>,
  isHeldUp: (party: number) => Promise<boolean> = neverHeldUp,
): AsyncGenerator<Explored<Outcome>> {
  const prefixes: number[][] = [[]];
  for (let prefix = prefixes.pop(); prefix; prefix = prefixes.pop()) {
    const { parties, outcome } = await begin();
    const { schedule, choices } = await follow(prefix, parties.map(startParty), isHeldUp);
    yield { schedule, outcome: await outcome() };
    for (let i = prefix.length; i < schedule.length; i++) {
      for (const other of choices[i] ?? [])
        if (other !== schedule[i]) prefixes.push([...schedule.slice(0, i), other]);
    }
  }
}

/** For parties that only wait for the answers to their own commands. */
async function neverHeldUp(): Promise<boolean> {
  await new Promise(setImmediate);
  return false;
}

interface Party {
  state: 'running' | 'waiting for its turn' | 'through';
  takeTurn(): void;
  /** Rejects when the party does. */
  readonly through: Promise<unknown>;
}

function startParty(task: (turn: Turn) => Promise<unknown>): Party {
  const turn: Turn = () =>
    new Promise((resolve) => {
      party.state = 'waiting for its turn';
      party.takeTurn = () => {
        party.state = 'running';
        resolve();
      };
    });
  const party: Party = { state: 'running', takeTurn() {}, through: Promise.resolve() };
  const through = task(turn).finally(() => {
    party.state = 'through';
  });
  through.catch(() => {});
  return Object.assign(party, { through });
}

async function follow(
  prefix: readonly number[],
  parties: readonly Party[],
  isHeldUp: (party: number) => Promise<boolean>,
): Promise<{ schedule: number[]; choices: number[][] }> {
  const schedule: number[] = [];
  const choices: number[][] = [];
  for (;;) {
    const ready = await whoIsReady(parties, isHeldUp);
    const [first] = ready;
    if (first === undefined) break;
    const planned = prefix[schedule.length] ?? first;
    // Who of two that wait for a third goes first is up to the server, and then this one may not be ready this time.
    const next = ready.includes(planned) ? planned : first;
    schedule.push(next);
    choices.push(ready);
    parties[next]?.takeTurn();
  }
  await Promise.all(parties.map(({ through }) => through));
  return { schedule, choices };
}

/** Those that wait for their turn, once everybody does, is through, or is held up. None when all are through. */
async function whoIsReady(
  parties: readonly Party[],
  isHeldUp: (party: number) => Promise<boolean>,
): Promise<number[]> {
  const numbers = [...parties.keys()];
  for (const deadline = performance.now() + STEP_LIMIT; performance.now() < deadline; ) {
    const running = numbers.filter((i) => parties[i]?.state === 'running');
    let heldUp = 0;
    for (const i of running) if (await isHeldUp(i)) heldUp++;
    // One that went on while the others were asked after is not held up any more.
    const stillRunning = running.filter((i) => parties[i]?.state === 'running').length;
    if (heldUp < running.length || stillRunning < running.length) continue;
    const ready = numbers.filter((i) => parties[i]?.state === 'waiting for its turn');
    if (ready.length > 0 || running.length === 0) return ready;
  }
  throw new Error(`no party went on for ${STEP_LIMIT} ms`);
}

const STEP_LIMIT = 15_000;
