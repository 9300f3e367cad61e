import type { SendRedisCommand } from '../../../src/stores/redis/redis.js';

export interface Command {
  readonly party: string;
  readonly args: readonly string[];
}

export type Outcome = { readonly reply: unknown } | { readonly error: Error };

/** Something that can happen next. */
export interface Step {
  name(): string;
  take(): void;
}

interface SentCommand extends Command {
  settle(outcome: Outcome): void;
}

export interface Network {
  connect(party: string): SendRedisCommand;
  /** The next command of each party arrives, or a late one does. Commands that one party sends at once arrive in order. */
  arrivals(): Step[];
  /** The same next commands, each with every fault that can happen to it. */
  faults(): Step[];
}

/** Holds the commands that were sent until a step is taken; `apply` has the server run one. */
export function createNetwork(apply: (command: Command) => Outcome): Network {
  const queues = new Map<string, SentCommand[]>();
  /** Commands whose sender does not wait for them any more. */
  const late: SentCommand[] = [];
  const next = () => [...queues.values()].flatMap((queue) => queue.slice(0, 1));
  const lost: Outcome = { error: new Error('the connection was lost') };

  /** What happens to a command, and what its sender hears. */
  const FAULTS: Record<string, (command: SentCommand) => Outcome> = {
    'is lost': () => lost,
    'arrives, its reply is lost': (command) => {
      apply(command);
      return lost;
    },
    // Also what is left of a process that was killed or stopped.
    'is given up': (command) => {
      late.push(command);
      return lost;
    },
    'is sent twice': (command) => {
      late.push(command);
      return apply(command);
    },
  };

  function step(command: SentCommand, what: string, happen: (command: SentCommand) => Outcome): Step {
    const take = () => {
      queues.get(command.party)?.shift();
      command.settle(happen(command));
    };
    return { name: () => `${nameOf(command)} ${what}`, take };
  }

  return {
    connect(party) {
      const queue: SentCommand[] = [];
      queues.set(party, queue);
      return (args) =>
        new Promise((resolve, reject) => {
          const settle: SentCommand['settle'] = (outcome) =>
            'reply' in outcome ? resolve(outcome.reply) : reject(outcome.error);
          queue.push({ party, args, settle });
        });
    },
    arrivals: () => [
      ...next().map((command) => step(command, 'arrives', apply)),
      ...late.map((command, i) => ({
        name: () => `${nameOf(command)} arrives late`,
        take: () => void late.splice(i, 1).map(apply),
      })),
    ],
    faults: () =>
      next().flatMap((command) =>
        Object.entries(FAULTS).map(([what, happen]) => step(command, what, happen)),
      ),
  };
}

function nameOf({ party, args }: Command): string {
  return `${party}: ${args.slice(args[0] === 'EVALSHA' ? 3 : 0).join(' ')}`;
}
