import {
  ASSOCIATION_NAMES,
  type AssociationChanges,
  type AssociationName,
} from '../../../src/session-info.js';
import type { SessionStore } from '../../../src/session-store.js';
import { createRedisStore, type SendRedisCommand } from '../../../src/stores/redis/redis.js';
import { fromRecord, type SessionRecord } from '../../../src/stores/shared/session-record.js';
import type { SessionTimeouts } from '../../../src/stores/shared/session-timeouts.js';

/** Stores with one fault each, which pass every test in which one call follows the other. */
export const plantedRedisStores = {
  'read-modify-write': readModifyWrite,
  'EXISTS, then create': existsThenCreate,
  'EXISTS, then HSET': existsThenSet,
  'a command for each member': memberByMember,
} satisfies Record<string, (send: SendRedisCommand, timeouts?: SessionTimeouts) => SessionStore>;

/** Writes back what it has read, and its own: what another wrote in between is lost, and what ended is back. */
function readModifyWrite(send: SendRedisCommand, timeouts?: SessionTimeouts): SessionStore {
  const commands = commandsOf(send);
  return {
    ...createRedisStore(send, timeouts),
    async update(sessionId, associations) {
      const found = await commands.read(sessionId);
      if (!found) return undefined;
      const merged = { ...found, ...given(associations), updatedAt: `${Date.now()}` };
      await commands.write(sessionId, merged);
      return fromRecord(sessionId, merged);
    },
  };
}

/** Both creates see that there is nothing, and both write. */
function existsThenCreate(send: SendRedisCommand, timeouts?: SessionTimeouts): SessionStore {
  const commands = commandsOf(send);
  return {
    ...createRedisStore(send, timeouts),
    async create(sessionId, associations) {
      if (await commands.exists(sessionId)) return undefined;
      const now = `${Date.now()}`;
      const created = { ...given(associations), createdAt: now, updatedAt: now };
      await commands.write(sessionId, created);
      return fromRecord(sessionId, created);
    },
  };
}

/** HSET makes the key again when it has gone since: the upsert that brings a session back. */
function existsThenSet(send: SendRedisCommand, timeouts?: SessionTimeouts): SessionStore {
  const commands = commandsOf(send);
  return {
    ...createRedisStore(send, timeouts),
    async update(sessionId, associations) {
      if (!(await commands.exists(sessionId))) return undefined;
      const now = `${Date.now()}`;
      await commands.write(sessionId, { ...given(associations), updatedAt: now });
      await commands.setTimesIfAbsent(sessionId, now);
      const updated = await commands.read(sessionId);
      return updated && fromRecord(sessionId, updated);
    },
  };
}

/** Loses nothing and brings nothing back, but two members of one update are there one after the other. */
function memberByMember(send: SendRedisCommand, timeouts?: SessionTimeouts): SessionStore {
  const store = createRedisStore(send, timeouts);
  return {
    ...store,
    async update(sessionId, associations) {
      const names = ASSOCIATION_NAMES.filter((name) => associations[name] !== undefined);
      const [last, ...others] = names.toReversed();
      for (const name of others)
        if (!(await store.update(sessionId, { [name]: associations[name] }))) return undefined;
      return store.update(sessionId, last ? { [last]: associations[last] } : {});
    },
  };
}

type RedisRecord = { [Name in AssociationName]?: string } & Pick<SessionRecord, 'createdAt' | 'updatedAt'>;

/** The members that are set. These stores remove none. */
function given(changes: AssociationChanges): { [Name in AssociationName]?: string } {
  return Object.fromEntries(Object.entries(changes).filter(([, value]) => typeof value === 'string'));
}

/** Commands on the hash in which the real store, too, keeps a session. */
function commandsOf(send: SendRedisCommand) {
  function run(name: string, sessionId: string, ...rest: string[]): PromiseLike<unknown> {
    const key = `session-info:${sessionId}`;
    return send([name, key, ...rest], key);
  }
  return {
    async read(sessionId: string): Promise<RedisRecord | undefined> {
      const reply = await run('HGETALL', sessionId);
      // An object in RESP3, a flat list in RESP2.
      const fields = Array.isArray(reply) ? pairs(reply) : Object.entries(reply as Record<string, string>);
      return fields.length > 0 ? (Object.fromEntries(fields) as unknown as RedisRecord) : undefined;
    },
    async exists(sessionId: string): Promise<boolean> {
      return Number(await run('EXISTS', sessionId)) === 1;
    },
    async write(sessionId: string, fields: object): Promise<void> {
      await run('HSET', sessionId, ...Object.entries(fields).flat());
    },
    /** Both at once, as a record with one of them is no session to anybody. */
    async setTimesIfAbsent(sessionId: string, time: string): Promise<void> {
      const key = `session-info:${sessionId}`;
      const script = `for _, name in ipairs({'createdAt', 'updatedAt'}) do redis.call('HSETNX', KEYS[1], name, ARGV[1]) end`;
      await send(['EVAL', script, '1', key, time], key);
    },
  };
}

function pairs(list: string[]): (readonly [string, string])[] {
  return list.flatMap((value, i) => (i % 2 === 0 ? [[value, list[i + 1] ?? ''] as const] : []));
}
