import { ASSOCIATION_NAMES } from '../../../src/session-info.js';

/** A live session, as it is in the simulated Redis. */
export interface StoredSession {
  readonly sessionId: string;
  readonly customerId: string | undefined;
  readonly createdAt: number;
  readonly updatedAt: number;
}

export interface SimulatedRedis {
  /** Runs a command at once. Throws what the server would reply as an error. */
  run(args: readonly string[]): unknown;
  advance(milliseconds: number): void;
  /** By ID. */
  sessions(): Map<string, StoredSession>;
  /** The IDs in the index of a customer. */
  indexed(customerId: string): readonly string[];
}

/**
 * Two nodes of a Redis Cluster in virtual time: one has the indexes of the customers, the other, whose clock is ahead by `skew`,
 * the sessions. They do what the scripts of the Redis store do, and the commands of its planted faults.
 */
export function createSimulatedRedis({ prefix, skew }: { prefix: string; skew: number }): SimulatedRedis {
  let now = 1_000_000;
  const indexes = createIndexNode(() => now);
  const sessions = createSessionNode(() => now + skew);
  const scripts = (args: readonly string[]) => {
    const [key = '', ...rest] = args;
    if (rest.length >= 5) return sessions.run(key, rest);
    return rest.length === 2 ? indexes.add(key, rest) : indexes.read(key, rest);
  };
  return {
    run([name, ...args]) {
      if (name === 'EVALSHA') return scripts(args.slice(2));
      if (name === 'ZREM') return indexes.remove(args);
      if (name === 'ZREVRANGE') return indexes.range(args);
      throw new Error(`ERR unknown command ${name}`);
    },
    advance(milliseconds) {
      now += milliseconds;
    },
    sessions: () =>
      new Map(
        sessions.live().map(([key, fields]) => {
          const sessionId = key.slice(prefix.length);
          const [createdAt, updatedAt] = [Number(fields.get('createdAt')), Number(fields.get('updatedAt'))];
          return [sessionId, { sessionId, customerId: fields.get('customerId'), createdAt, updatedAt }];
        }),
      ),
    indexed: (customerId) => indexes.members(`${prefix}customer:${customerId}:`).map(([id]) => id),
  };
}

/** Keys that a node removes at their time, by its own clock. */
function createKeys<Value>(clock: () => number) {
  const keys = new Map<string, { value: Value; expiresAt: number }>();
  return {
    get(key: string): Value | undefined {
      const found = keys.get(key);
      return found && clock() < found.expiresAt ? found.value : undefined;
    },
    set: (key: string, value: Value, expiresAt: number) => void keys.set(key, { value, expiresAt }),
    delete: (key: string) => keys.delete(key),
    entries: () =>
      [...keys].flatMap(([key, { value, expiresAt }]) =>
        clock() < expiresAt ? [[key, value] as const] : [],
      ),
  };
}

function createIndexNode(clock: () => number) {
  const keys = createKeys<Map<string, number>>(clock);
  const members = (key: string) =>
    [...(keys.get(key) ?? [])].sort(([a, x], [b, y]) => y - x || (a < b ? 1 : -1));
  return {
    members,
    add(key: string, [id = '', keep]: readonly string[]) {
      const entries = keys.get(key) ?? new Map<string, number>();
      entries.set(id, Math.max(clock(), entries.get(id) ?? 0));
      for (const [member, time] of entries) if (time < clock() - Number(keep)) entries.delete(member);
      keys.set(key, entries, clock() + Number(keep));
      return [id, `${clock()}`];
    },
    read: (key: string, [customerId = '']: readonly string[]) => [
      customerId,
      ...members(key).flat().map(String),
    ],
    /** With a score: only if it is still that. */
    remove([key = '', id = '', score]: readonly string[]) {
      const entries = keys.get(key);
      if (score === undefined || entries?.get(id) === Number(score)) entries?.delete(id);
      return 1;
    },
    range: ([key = '', from, to]: readonly string[]) =>
      members(key)
        .slice(Number(from), Number(to) + 1)
        .map(([id]) => id),
  };
}

const FIELDS = [...ASSOCIATION_NAMES, 'createdAt', 'updatedAt'];

function createSessionNode(clock: () => number) {
  const keys = createKeys<Map<string, string>>(clock);
  return {
    live: () => keys.entries(),
    run(key: string, [id = '', method, idle, absolute, notAfter, ...fields]: readonly string[]) {
      const session = keys.get(key);
      const pairs = fields.flatMap((name, i) => (i % 2 === 0 ? [[name, fields[i + 1] ?? ''] as const] : []));
      const reply = (found: Map<string, string>) => [id, ...FIELDS.map((name) => found.get(name) ?? null)];
      if (!session && method !== 'create') return [id];
      if (notAfter && clock() > Number(notAfter)) throw new Error('ERR nothing has changed');
      if (session && method === 'create') return [id];
      const found = session ?? new Map([['createdAt', `${clock()}`]]);
      if (method === 'peek') return reply(found);
      if (method === 'delete') {
        if (pairs.some(([name, value]) => found.get(name) !== value)) return [id];
        keys.delete(key);
        return reply(found);
      }
      const next = new Map(found);
      if (method !== 'get') next.set('updatedAt', `${clock()}`);
      if (method !== 'get')
        for (const [name, value] of pairs) value === '' ? next.delete(name) : next.set(name, value);
      const deadline = Math.min(clock() + Number(idle), Number(found.get('createdAt')) + Number(absolute));
      keys.set(key, next, deadline);
      return reply(next);
    },
  };
}
