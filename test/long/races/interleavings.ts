import { AsyncLocalStorage } from 'node:async_hooks';
import { randomUUID } from 'node:crypto';
import { updateOrCreate } from '../../../src/http/update-or-create.js';
import type { AssociationChanges, SessionAssociations } from '../../../src/session-info.js';
import type { SessionStore } from '../../../src/session-store.js';
import { createCheckedStore } from '../../../src/store-calls/checked-store.js';
import { exploreSchedules, type Turn } from './explore-schedules.js';
import { type Call, isLinearizable } from './linearizable.js';

/** One of those that share a store, on a connection of its own that calls {@link myTurn} before each of its commands. */
export interface Connection {
  readonly store: SessionStore;
  /** Has the time of a session run out, in one command. */
  expire(sessionId: string): Promise<void>;
  /** Whether the command that it has sent waits for another connection. Never, unless it is there. */
  isHeldUp?(): Promise<boolean>;
}

/** Two connections race. `hold`, when it is there, is a third one that locks what they want, and lets go. */
export interface Racecourse {
  readonly racers: readonly [Connection, Connection];
  readonly hold?: { (sessionId: string): Promise<void>; isHeldUp(): Promise<boolean> };
  /** Neither of the two: it prepares the session and looks at it afterwards, and nobody schedules it. */
  readonly observer: Connection;
  /** Before each race, when the session is as it should be. */
  prepare?(): Promise<void>;
}

type Act = (connection: Connection, sessionId: string) => unknown;

export interface Interleaving {
  /** What is under the ID before. */
  readonly before: 'nothing' | 'a live session' | 'an expired session';
  readonly acts: readonly [Act, Act];
}

const create =
  (members: SessionAssociations): Act =>
  ({ store }, id) =>
    store.create(id, members);
const merge =
  (members: SessionAssociations): Act =>
  ({ store }, id) =>
    store.update(id, members);
const post =
  (members: SessionAssociations): Act =>
  ({ store }, id) =>
    updateOrCreate(createCheckedStore(store), { passed: false }, id, members, true);
const read: Act = ({ store }, id) => store.get(id);
const peek: Act = ({ store }, id) => store.peek(id);
const end: Act = ({ store }, id) => store.delete(id);
const expire: Act = (connection, id) => connection.expire(id);

const [one, two] = [
  { agentId: 'one', visitId: 'one' },
  { customerId: 'two', globalVisitId: 'two' },
];
const old = { agentId: 'old', customerId: 'old', visitId: 'old' };

/** What two connections do to one session at the same time. `post` is what the route does: update, else create, else again. */
export const INTERLEAVINGS = {
  'create/create': { before: 'nothing', acts: [create(one), create(two)] },
  'create/create after expiry': { before: 'an expired session', acts: [create(one), create(two)] },
  'create/merge': { before: 'nothing', acts: [create(one), merge(two)] },
  'create/delete': { before: 'a live session', acts: [create(one), end] },
  'create/expire': { before: 'a live session', acts: [create(one), expire] },
  'merge/merge': { before: 'a live session', acts: [merge(one), merge(two)] },
  'merge/delete': { before: 'a live session', acts: [merge(one), end] },
  'merge/expire': { before: 'a live session', acts: [merge(one), expire] },
  'read/merge': { before: 'a live session', acts: [read, merge(one)] },
  'read/delete': { before: 'a live session', acts: [read, end] },
  'read/expire': { before: 'a live session', acts: [read, expire] },
  'peek/merge': { before: 'a live session', acts: [peek, merge(one)] },
  'peek/expire': { before: 'a live session', acts: [peek, expire] },
  'delete/delete': { before: 'a live session', acts: [end, end] },
  'post/post': { before: 'nothing', acts: [post(one), post(two)] },
  'post/post after expiry': { before: 'an expired session', acts: [post(one), post(two)] },
  'post/delete': { before: 'a live session', acts: [post(one), end] },
  'post/expire': { before: 'a live session', acts: [post(one), expire] },
} satisfies Record<string, Interleaving>;

export type InterleavingName = keyof typeof INTERLEAVINGS;
export const INTERLEAVING_NAMES = Object.keys(INTERLEAVINGS) as InterleavingName[];

const turns = new AsyncLocalStorage<Turn>();

/** Waits until it is the turn of the connection that calls, when a schedule orders its commands. */
export async function myTurn(): Promise<void> {
  await turns.getStore()?.();
}

export interface Findings {
  readonly schedules: number;
  /** The first schedule whose history no store that keeps its promises can have; then no further one is tried. */
  readonly violation?: string;
  /** Calls that failed. */
  readonly errors: unknown[];
}

/** Runs an interleaving in every order in which the two, and the third, can send their commands. */
export async function interleave(
  { racers, hold, observer, prepare }: Racecourse,
  { before, acts }: Interleaving,
): Promise<Findings> {
  const errors: unknown[] = [];
  let schedules = 0;

  async function begin() {
    const sessionId = randomUUID();
    const recorder = createRecorder(errors);
    const look = recorder.record(observer);
    if (before !== 'nothing') await look.store.create(sessionId, old);
    if (before === 'an expired session') await look.expire(sessionId);
    await prepare?.();
    const parties = racers.map((racer, i) => (turn: Turn): Promise<unknown> => {
      const recorded = recorder.record(racer, turn);
      // What failed is in the history.
      return turns.run(recorded.turn, async () => acts[i]?.(recorded, sessionId)).catch(() => {});
    });
    if (hold) parties.push((turn) => turns.run(turn, () => hold(sessionId)));
    async function outcome() {
      await look.store.get(sessionId);
      return recorder.history;
    }
    return { parties, outcome };
  }

  const waiting = [...racers, hold];
  const isHeldUp = async (i: number) => {
    await new Promise(setImmediate);
    return (await waiting[i]?.isHeldUp?.()) ?? false;
  };
  for await (const { schedule, outcome: history } of exploreSchedules(begin, isHeldUp)) {
    schedules++;
    if (isLinearizable(history)) continue;
    return { schedules, errors, violation: `in the order ${schedule.join(' ')}:\n${printed(history)}` };
  }
  return { schedules, errors };
}

export function printed(history: readonly Call[]): string {
  return history.map((call) => JSON.stringify(call)).join('\n');
}

/**
 * Keeps the calls of a race, with a count for a clock. A call is invoked when its first command is sent, not when it is made:
 * it can't have done anything before.
 */
function createRecorder(errors: unknown[]) {
  const history: Call[] = [];
  let clock = 0;

  function record(connection: Connection, given: Turn = async () => {}) {
    let current: { invoked: number | undefined } = { invoked: undefined };

    async function turn(): Promise<void> {
      await given();
      current.invoked ??= clock++;
    }

    function recorded(
      method: Call['method'],
      call: (sessionId: string, members: AssociationChanges) => unknown,
    ) {
      // biome-ignore lint/suspicious/noExplicitAny: what the method of that name answers
      return async (sessionId: string, associations: AssociationChanges = {}): Promise<any> => {
        const mine = { invoked: undefined };
        current = mine;
        const said = { method, sessionId, associations };
        try {
          const answer = (await call(sessionId, associations)) as Call['answer'];
          history.push({ ...said, invoked: mine.invoked ?? clock++, returned: clock++, answer });
          return answer;
        } catch (error) {
          errors.push(error);
          history.push({ ...said, invoked: mine.invoked ?? clock++ });
          throw error;
        }
      };
    }

    const { store } = connection;
    return {
      turn,
      expire: recorded('expire', (id) => connection.expire(id)),
      store: {
        create: recorded('create', (id, members) => store.create(id, members as SessionAssociations)),
        get: recorded('get', (id) => store.get(id)),
        peek: recorded('peek', (id) => store.peek(id)),
        update: recorded('update', (id, members) => store.update(id, members)),
        delete: recorded('delete', (id) => store.delete(id)),
      },
    };
  }

  return { history, record };
}
