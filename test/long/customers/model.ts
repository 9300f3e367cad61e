import type { IndexLimits } from '../../../src/stores/redis/customer-index.js';
import type { RedisSettings } from '../../../src/stores/redis/session-script.js';
import type { Choose } from './explore-choices.js';
import { type Command, createNetwork, type Network, type Outcome, type Step } from './network.js';
import type { CustomerStore, OpenRedisStore } from './open-redis-store.js';
import { createSimulatedRedis, type SimulatedRedis } from './simulated-redis.js';
import { createWitness, READER, type Witness } from './witness.js';

/** Calls of one process, one after the other. It ends at the first that fails. */
export type Program = (store: CustomerStore) => Promise<unknown>;

export interface Scenario {
  readonly name: string;
  /** What is done before, by itself. */
  readonly before: Program;
  readonly writers: readonly Program[];
  readonly reader: Program;
  /** By how much time jumps, in ms, each at some moment of the run. */
  readonly jumps: readonly number[];
  /** How far the clock of the sessions' node is ahead of that of the indexes' node, in ms. */
  readonly skew: number;
  /** How many commands meet a fault, at most. */
  readonly faults: number;
}

/** In ms, with a command taking 1 ms. One session is read at a time, so that something can happen between any two. */
export const MODEL_LIMITS: IndexLimits = { margin: 200, fence: 100, batch: 1 };
export const MODEL_TIMEOUT = 1000;
/** The most that the limits allow for. */
export const MODEL_SKEW = 90;

/**
 * Runs a scenario in one order of its commands, jumps and faults, which is that of `choose`. Returns the first broken promise
 * with the steps that led to it, if there is one.
 */
export async function runModel(
  open: OpenRedisStore,
  { name, before, writers, reader, jumps, skew, faults }: Scenario,
  choose: Choose,
): Promise<string | undefined> {
  const redis = createSimulatedRedis({ prefix: PREFIX, skew });
  const witness = createWitness(redis);
  const network = createNetwork((command) => apply(redis, witness, command));
  const connect = (party: string) => witness.confirming(open(settingsOf(network, party), MODEL_LIMITS));
  await runAlone(network, () => before(connect('before')));
  const programs = writers.map((program, i) => program(connect(`writer ${i + 1}`)));
  programs.push(reader(witness.checking(connect(READER))));
  for (const program of programs) program.catch(() => {});

  const taken: Step[] = [];
  const jumpsLeft = [...jumps];
  let faultsLeft = faults;
  for (;;) {
    await settled();
    witness.afterStep();
    if (witness.broken.length > 0)
      return [name, ...taken.map((step) => step.name()), witness.broken[0]].join('\n');
    const arrivals = network.arrivals();
    const possible = [...arrivals, ...jumpsLeft.slice(0, 1).map((time) => jump(redis, time))];
    const regular = possible.length;
    if (faultsLeft > 0) possible.push(...network.faults());
    if (possible.length === 0) return undefined;
    const number = choose(possible.length);
    if (number >= regular) faultsLeft--;
    else if (number >= arrivals.length) jumpsLeft.shift();
    const step = possible[number] as Step;
    taken.push(step);
    step.take();
  }
}

const PREFIX = 'model:';

function settingsOf(network: Network, party: string): RedisSettings {
  return {
    sendCommand: network.connect(party),
    prefix: PREFIX,
    idleTimeout: MODEL_TIMEOUT,
    absoluteTimeout: MODEL_TIMEOUT,
  };
}

function apply(redis: SimulatedRedis, witness: Witness, command: Command): Outcome {
  redis.advance(1);
  witness.beforeCommand(command);
  try {
    return { reply: redis.run(command.args) };
  } catch (error) {
    return { error: error as Error };
  } finally {
    witness.afterCommand(command);
  }
}

function jump(redis: SimulatedRedis, time: number): Step {
  return { name: () => `${time} ms pass`, take: () => redis.advance(time) };
}

async function runAlone(network: Network, program: () => Promise<unknown>): Promise<void> {
  const running = program();
  for (await settled(); network.arrivals().length > 0; await settled()) network.arrivals()[0]?.take();
  await running;
}

/** Everything here is promises: by now everybody has gone on as far as they can. */
const settled = () => new Promise(setImmediate);
