import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import Database from 'libsql';
import { afterAll, describe, expect, it } from 'vitest';
import { ASSOCIATION_NAMES, mergeAssociations, type SessionInfo } from '../../../src/session-info.js';
import type { SessionStore } from '../../../src/session-store.js';
import { createSqliteStore, type SqliteDatabase } from '../../../src/stores/sqlite.js';
import { temporaryFolder } from '../../servers/server-process.js';
import { INTERLEAVING_NAMES, INTERLEAVINGS, type InterleavingName, printed } from './interleavings.js';
import { type Call, isLinearizable } from './linearizable.js';

const folder = temporaryFolder('races');
const file = join(folder.path, 'sessions.db');
const [outer, inner, third] = [new Database(file), new Database(file), new Database(file)];
createSqliteStore(third).migrate();
afterAll(() => {
  for (const database of [outer, inner, third]) database.close();
  folder.remove();
});

type CreateStore = (database: SqliteDatabase, timeouts?: object) => SessionStore;
/** The deadline of each session that is used is moved. */
const RACER = { idleTimeout: 7_200_000 };

/** The database, with something done before each of its statements. */
function spiedOn(database: SqliteDatabase, before: () => void): SqliteDatabase {
  return {
    exec(sql) {
      before();
      return database.exec(sql);
    },
    prepare(sql) {
      const statement = database.prepare(sql);
      return {
        all(...values) {
          before();
          return statement.all(...values);
        },
      };
    },
  };
}

/** Runs the second call before statement number `at` of the first, or after it when it locked it out. */
function nest(
  name: InterleavingName,
  { at, swapped }: { at: number; swapped: boolean },
  create: CreateStore,
) {
  const history: Call[] = [];
  let clock = 0;
  const sessionId = randomUUID();

  /** A call that met the lock of the other did nothing; it is made again, and was invoked when it was first. */
  function record(database: SqliteDatabase, createStore: CreateStore, timeouts?: object) {
    const store = createStore(database, timeouts);
    let invoked: number | undefined;
    const recorded =
      (method: Call['method'], call: (id: string, members: object) => unknown) =>
      // biome-ignore lint/suspicious/noExplicitAny: what the method of that name answers
      (id: string, associations = {}): any => {
        invoked ??= clock++;
        const answer = call(id, associations) as Call['answer'];
        history.push({ method, sessionId: id, associations, invoked, returned: clock++, answer });
        invoked = undefined;
        return answer;
      };
    const expire = (id: string) =>
      void database.exec(`UPDATE session_info SET expires_at = 0 WHERE session_id = '${id}'`);
    return {
      expire: recorded('expire', expire),
      store: {
        create: recorded('create', (id, members) => store.create(id, members)),
        get: recorded('get', (id) => store.get(id)),
        peek: recorded('peek', (id) => store.peek(id)),
        update: recorded('update', (id, members) => store.update(id, members)),
        delete: recorded('delete', (id) => store.delete(id)),
      },
    };
  }

  const { before, acts } = INTERLEAVINGS[name];
  const [first, second] = swapped ? [acts[1], acts[0]] : acts;
  const observer = record(third, createSqliteStore);
  if (before !== 'nothing') observer.store.create(sessionId, { agentId: 'old', customerId: 'old' });
  if (before === 'an expired session') observer.expire(sessionId);

  const nested = record(inner, create, RACER);
  let statements = 0;
  let isThrough = false;
  function runNested(): void {
    try {
      second(nested, sessionId);
      isThrough = true;
    } catch (error) {
      if (!String(error).includes('locked')) throw error;
    }
  }
  const spied = spiedOn(outer, () => {
    if (statements++ === at) runNested();
  });
  first(record(spied, create, RACER), sessionId);
  if (!isThrough) runNested();
  observer.store.get(sessionId);
  return { history, isThrough, isLast: statements <= at };
}

/** The histories that no store which keeps its promises can have. */
function violations(name: InterleavingName, create: CreateStore): string[] {
  const found: string[] = [];
  for (const swapped of [false, true]) {
    for (let at = 0, isLast = false; !isLast; at++) {
      const nested = nest(name, { at, swapped }, create);
      isLast = nested.isLast;
      expect(nested.isThrough).toBe(true);
      if (!isLinearizable(nested.history)) found.push(`at ${at}:\n${printed(nested.history)}`);
    }
  }
  return found;
}

/** A POST is several calls, and they are promises: test/long/races/interleavings.test.ts has those. */
const names = INTERLEAVING_NAMES.filter((name) => !name.startsWith('post'));

describe('a call on a SQLite file amid another connection’s', () => {
  it.each(names)('stands %s before and after each statement', (name) => {
    expect(violations(name, createSqliteStore)).toEqual([]);
  });

  it('is caught when a store reads, modifies and writes', () => {
    expect(names.filter((name) => violations(name, readModifyWrite).length > 0)).toEqual([
      'merge/merge',
      'merge/expire',
    ]);
  });
});

/** Writes back what it has read, and its own: what another wrote in between is lost, and what expired is back. */
function readModifyWrite(database: SqliteDatabase, timeouts?: object): SessionStore {
  const store = createSqliteStore(database, timeouts);
  return {
    ...store,
    update(sessionId, changes) {
      const found = store.get(sessionId) as SessionInfo | undefined;
      if (!found) return undefined;
      const merged = mergeAssociations(found, changes);
      const values = ASSOCIATION_NAMES.map((name) => (merged[name] ? `'${merged[name]}'` : 'NULL'));
      database.exec(`UPDATE session_info SET
        (agent_id, customer_id, visit_id, global_visit_id) = (${values.join(', ')}),
        expires_at = unixepoch() * 1000 + 1800000 WHERE session_id = '${sessionId}'`);
      const { createdAt, updatedAt } = found;
      return { sessionId, ...merged, createdAt, updatedAt };
    },
  };
}
