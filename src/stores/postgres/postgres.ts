import { checkOptions } from '../../check-options.js';
import type { AssociationChanges, SessionInfo } from '../../session-info.js';
import type { SessionStore } from '../../session-store.js';
import { columnsOf } from '../shared/columns.js';
import { fromRecord, type SessionRecord } from '../shared/session-record.js';
import { type SessionTimeouts, timeoutRules, withDefaultTimeouts } from '../shared/session-timeouts.js';
import { coalesceReads } from './coalesced-reads.js';
import { DEFAULT_TABLE, isTable } from './schema.js';
import { type NamedText, postgresStatements } from './statements.js';

export { postgresSchema } from './schema.js';

/** The options of {@link createPostgresStore}. */
export interface PostgresStoreOptions extends SessionTimeouts {
  /**
   * The table, with or without a schema before it (`app.session_info`). It is quoted, so its letter case counts.
   * Default `session_info`.
   */
  readonly table?: string | undefined;
}

/** One statement with `$1` parameters, never several. `name` is unique to its text, for clients that prepare by name. */
export interface PostgresStatement {
  /** At most 63 bytes, all that PostgreSQL keeps of a name. */
  readonly name: string;
  /** The SQL. The same for every call of one method of a store. */
  readonly text: string;
  /** The values of `$1`, `$2`, …: strings and `null`. */
  readonly values: unknown[];
}

/** Runs one statement, outside a transaction, and returns its rows as objects in `rows`. Rejects if the statement fails. */
export type PostgresQuery = (statement: PostgresStatement) => PromiseLike<{
  /** One object for each row. */
  readonly rows: readonly unknown[];
}>;

/** A {@link SessionStore} in PostgreSQL, and the care of its table. */
export interface PostgresStore extends SessionStore {
  /**
   * Creates the table and its index where they are missing. Any number of processes may call it at once. Rejects as the query
   * does, and for a database whose encoding can't hold every value.
   */
  migrate(): Promise<void>;
  /**
   * Removes the rows of expired sessions, and returns how many. Only the disk needs it: call it now and then. Rejects as
   * the query does.
   */
  deleteExpired(): Promise<number>;
}

/**
 * Keeps sessions in a table of PostgreSQL 12 or later.
 *
 * ```ts
 * const store = createPostgresStore((statement) => pool.query(statement));          // pg
 * const store = createPostgresStore(({ text, values }) => db.query(text, values));  // PGlite
 * await store.migrate();                                                            // or your own tool: postgresSchema()
 * ```
 *
 * A call is one statement, so one round trip and, with a pool, one connection for its time. The gets of one turn of the event
 * loop share one statement, which takes half of the CPU time, and so do its peeks. A get that meets another call at work on the
 * row returns without extending it, so that it neither waits nor keeps the other gets waiting. Times are the server's. Activity
 * that would move the deadline by less than 5 % of `idleTimeout` writes nothing. It counts on the isolation level "read
 * committed", the default; a serialization failure or a deadlock is thrown. Throws a TypeError for a wrong option.
 */
export function createPostgresStore(query: PostgresQuery, options: PostgresStoreOptions = {}): PostgresStore {
  if (typeof query !== 'function') {
    throw new TypeError(
      'createPostgresStore: query must be a function; pass (statement) => pool.query(statement), options second',
    );
  }
  checkOptions('createPostgresStore', options, { ...timeoutRules, table: isTable });
  const { table = DEFAULT_TABLE } = options;
  const sql = postgresStatements(table, withDefaultTimeouts(options));

  async function run(statement: NamedText, ...values: (string | null)[]): Promise<readonly unknown[]> {
    const { rows } = await query({ ...statement, values });
    return rows;
  }

  async function runOn(statement: NamedText, sessionId: string, ...values: (string | null)[]) {
    const [row] = await run(statement, sessionId, ...values);
    return row === undefined ? undefined : parseRow(row, new Set([sessionId]));
  }

  function reader(statement: NamedText): (sessionId: string) => Promise<Row | undefined> {
    return coalesceReads(async (sessionIds) => {
      const rows = await run(statement, [...sessionIds].join(','));
      const records = rows.map((row) => parseRow(row, sessionIds));
      return new Map(records.map((record) => [record.sessionId, record]));
    });
  }

  const get = reader(sql.get);
  const peek = reader(sql.peek);

  return {
    create: async (sessionId, associations) =>
      toSessionInfo(await runOn(sql.create, sessionId, ...columnsOf(associations))),
    // A row that makes no session, such as one edited by hand, fails the get of its own ID only.
    get: async (sessionId) => toSessionInfo(await get(sessionId)),
    peek: async (sessionId) => toSessionInfo(await peek(sessionId)),
    update: async (sessionId, changes) =>
      toSessionInfo(await runOn(sql.update, sessionId, ...changeParameters(changes))),
    async delete(sessionId) {
      const deleted = await runOn(sql.delete, sessionId);
      return deleted?.live === true;
    },
    async migrate() {
      await run(sql.migrate);
    },
    async deleteExpired() {
      const [row] = await run(sql.deleteExpired);
      return Number((row as { count: number | string }).count);
    },
  };
}

/** What a statement says of one session. Only a delete tells `live`. */
interface Row extends SessionRecord {
  readonly sessionId: string;
  readonly live?: boolean;
}

/** Throws an Error for a row of a session that was not asked for, as a client that mixes up results gives it. */
function parseRow(row: unknown, asked: ReadonlySet<string>): Row {
  const record = JSON.parse((row as { session: string }).session);
  if (!asked.has(record.sessionId)) {
    throw new Error('createPostgresStore: query returned the row of another session');
  }
  return record;
}

function toSessionInfo(row: Row | undefined): SessionInfo | undefined {
  return row && fromRecord(row.sessionId, row);
}

/** As `sql.update` takes them: null leaves a member as it is, and an empty text removes it. */
function changeParameters({ agentId, customerId, visitId, globalVisitId }: AssociationChanges) {
  return [agentId, customerId, visitId, globalVisitId].map((change) =>
    change === null ? '' : (change ?? null),
  );
}
