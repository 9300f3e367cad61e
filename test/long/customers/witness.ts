import type { SessionInfo } from '../../../src/session-info.js';
import type { Command } from './network.js';
import type { CustomerStore } from './open-redis-store.js';
import type { SimulatedRedis, StoredSession } from './simulated-redis.js';

/** The customer whose sessions the reader lists or ends. */
export const CUSTOMER = 'c';
export const READER = 'reader';

export interface Witness {
  /** Promises that were broken, in words. */
  readonly broken: readonly string[];
  /** The store, with what its calls return noted. */
  confirming(store: CustomerStore): CustomerStore;
  /** The store of the reader, whose calls are checked. */
  checking(store: CustomerStore): CustomerStore;
  beforeCommand(command: Command): void;
  afterCommand(command: Command): void;
  afterStep(): void;
}

/** What one call of {@link CustomerSessions} saw and did. It begins when its first command arrives. */
interface Reading {
  confirmed: ReadonlySet<string>;
  readonly seen: Map<string, StoredSession>[];
  /** The createdAt that it last read for an ID. */
  readonly read: Map<string, number>;
  readonly ended: string[];
}

/** Sees everything that happens in a simulated Redis, and holds it against the promises of {@link CustomerSessions}. */
export function createWitness(redis: SimulatedRedis): Witness {
  const broken: string[] = [];
  /** What calls have returned and what is still so. */
  const confirmed = new Set<string>();
  let reading: Reading | undefined;
  let before = redis.sessions();

  async function check<Result>(
    call: () => unknown,
    problems: (result: Result, reading: Reading) => string[],
  ): Promise<Result> {
    const mine: Reading = { confirmed: new Set(), seen: [], read: new Map(), ended: [] };
    reading = mine;
    try {
      const result = (await call()) as Result;
      mine.seen.push(redis.sessions());
      broken.push(...problems(result, mine));
      return result;
    } finally {
      reading = undefined;
    }
  }

  return {
    broken,
    confirming: (store) =>
      wrapped(store, (value) => {
        const sessions = (Array.isArray(value) ? value : [value]) as (SessionInfo | undefined)[];
        for (const info of sessions) if (info?.customerId) confirmed.add(keyOf(fromInfo(info)));
      }),
    checking: (store) => ({
      ...store,
      listByCustomer: (customerId, options) =>
        check<readonly SessionInfo[]>(
          () => store.listByCustomer(customerId, options),
          (list, reading) => problemsOfList(list, options?.limit ?? 100, reading),
        ),
      deleteByCustomer: (customerId, options) =>
        check<number>(
          () => store.deleteByCustomer(customerId, options),
          (count, reading) => problemsOfDelete(count, options?.except, reading),
        ),
    }),
    beforeCommand({ party }) {
      before = redis.sessions();
      if (party !== READER || !reading || reading.seen.length > 0) return;
      reading.confirmed = new Set(confirmed);
      reading.seen.push(before);
    },
    afterCommand({ party, args }) {
      const [sessionId = '', method] = args.slice(4);
      const session = before.get(sessionId);
      if (party !== READER || !reading || !session) return;
      if (method === 'peek') reading.read.set(sessionId, session.createdAt);
      if (method !== 'delete' || redis.sessions().has(sessionId)) return;
      reading.ended.push(sessionId);
      if (session.customerId !== CUSTOMER)
        broken.push(`ended ${sessionId}, a session of ${session.customerId}`);
      if (session.createdAt > (reading.read.get(sessionId) ?? 0))
        broken.push(`ended a newer ${sessionId} than it had read`);
    },
    afterStep() {
      const sessions = redis.sessions();
      const current = new Set([...sessions.values()].map(keyOf));
      for (const key of confirmed) if (!current.has(key)) confirmed.delete(key);
      if (reading && reading.seen.length > 0) reading.seen.push(sessions);
      for (const session of sessions.values()) {
        const { sessionId, customerId } = session;
        if (customerId && confirmed.has(keyOf(session)) && !redis.indexed(customerId).includes(sessionId))
          broken.push(`${sessionId} is confirmed as a session of ${customerId}, and no list will have it`);
      }
    },
  };
}

type Association = Pick<StoredSession, 'sessionId' | 'customerId' | 'createdAt'>;

function keyOf({ sessionId, customerId, createdAt }: Association): string {
  return JSON.stringify([sessionId, customerId, createdAt]);
}

function fromInfo({ sessionId, customerId, createdAt }: SessionInfo): Association {
  return { sessionId, customerId, createdAt: Date.parse(createdAt) };
}

function wrapped(store: CustomerStore, note: (value: unknown) => void): CustomerStore {
  const methods = Object.entries(store).map(([name, method]) => [
    name,
    async (...args: unknown[]) => {
      const value = await (method as (...args: unknown[]) => unknown)(...args);
      note(value);
      return value;
    },
  ]);
  return Object.fromEntries(methods) as CustomerStore;
}

function problemsOfList(list: readonly SessionInfo[], limit: number, reading: Reading): string[] {
  const listed = new Set(list.map((info) => keyOf(fromInfo(info))));
  const oldest = Math.min(...list.map(({ createdAt }) => Date.parse(createdAt)));
  const missed = expected(reading).filter(
    (session) => !listed.has(keyOf(session)) && (list.length < limit || session.createdAt > oldest),
  );
  const seen = new Set(reading.seen.flatMap((sessions) => [...sessions.values()].map(keyOf)));
  const foreign = list.filter((info) => info.customerId !== CUSTOMER || !seen.has(keyOf(fromInfo(info))));
  return [
    ...missed.map(({ sessionId }) => `missed ${sessionId}`),
    ...foreign.map(({ sessionId }) => `listed ${sessionId}, which was never live and the customer's`),
  ];
}

function problemsOfDelete(count: number, except: string | undefined, reading: Reading): string[] {
  const left = expected(reading).filter(({ sessionId }) => sessionId !== except);
  return [
    ...left.map(({ sessionId }) => `did not end ${sessionId}`),
    ...reading.ended.filter((id) => id === except).map((id) => `ended ${id}, its exception`),
    ...(count === reading.ended.length ? [] : [`returned ${count}, and ended ${reading.ended.length}`]),
  ];
}

/** The sessions that were confirmed as the customer's before the call began, and stayed so to its end. */
function expected({ confirmed, seen }: Reading): StoredSession[] {
  const [first = new Map<string, StoredSession>(), ...others] = seen;
  const stayed = (session: StoredSession) =>
    others.every((sessions) => {
      const now = sessions.get(session.sessionId);
      return now && keyOf(now) === keyOf(session);
    });
  return [...first.values()].filter(
    (session) => session.customerId === CUSTOMER && confirmed.has(keyOf(session)) && stayed(session),
  );
}
