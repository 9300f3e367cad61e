import { checkOptions, isBoolean } from '../../check-options.js';
import type { CustomerSessions, SessionStore } from '../../session-store.js';
import { checkCustomerCall } from '../shared/check-customer-call.js';
import { changesOf, columnsOf } from '../shared/columns.js';
import { listLimit } from '../shared/list-limit.js';
import { fromRecord } from '../shared/session-record.js';
import { type SessionTimeouts, timeoutRules, withDefaultTimeouts } from '../shared/session-timeouts.js';
import { coalesceReads } from './coalesced-reads.js';
import { migrateTable } from './migrate.js';
import { parseRow, rowsOf, type SessionRow, textOf, toSessionInfo } from './rows.js';
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
  /**
   * Whether the gets of one turn of the event loop share a statement, and its peeks another one. With `false` each has its own,
   * which runs in the async context of its caller: for a `query` that picks the tenant's database by AsyncLocalStorage.
   * Default true.
   */
  readonly coalesce?: boolean | undefined;
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

/**
 * Runs one statement, outside a transaction, and returns its rows as objects in `rows`. Rejects if the statement fails.
 *
 * It is called in the async context of the call of the store, so that AsyncLocalStorage shows the request there. The exceptions are
 * `get` and `peek`, which share a statement with those of other requests: it runs in the context in which the store was created.
 * With `coalesce: false` there is no exception.
 */
export type PostgresQuery = (statement: PostgresStatement) => PromiseLike<{
  /** One object for each row. */
  readonly rows: readonly unknown[];
}>;

/** A {@link SessionStore} with {@link CustomerSessions} in PostgreSQL, and the care of its table. */
export interface PostgresStore extends SessionStore, CustomerSessions {
  /**
   * Creates the table with its indexes, or what is missing. Any number of processes may call it at once, and again after a run that
   * was cut off: an index that was left invalid is built again. If all is there, it needs no privilege to create anything.
   *
   * On an existing table an index is built by CREATE INDEX CONCURRENTLY, so that sessions work meanwhile. With many rows that takes
   * longer than other statements, so use a client without a `statement_timeout`. Rejects as the query does, and for a database
   * whose encoding can't hold every value.
   */
  migrate(): Promise<void>;
  /**
   * Removes the rows of expired sessions, and returns how many. Only the disk needs it: call it now and then. It works in batches
   * of 1000 rows, a statement each, and so keeps to a `statement_timeout` however many there are. Several may run at once. Rejects
   * as the query does; what the batches before have removed is gone then.
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
export function createPostgresStore(
  query: PostgresQuery,
  unchecked: PostgresStoreOptions = {},
): PostgresStore {
  if (typeof query !== 'function') {
    throw new TypeError(
      'createPostgresStore: query must be a function; pass (statement) => pool.query(statement), options second',
    );
  }
  const options = checkOptions('createPostgresStore', unchecked, rules);
  const { table = DEFAULT_TABLE, coalesce = true } = options;
  const sql = postgresStatements(table, withDefaultTimeouts(options));

  async function run(statement: NamedText, ...values: (string | null)[]): Promise<readonly unknown[]> {
    return rowsOf(await query({ ...statement, values }));
  }

  async function runOn(statement: NamedText, sessionId: string, ...values: (string | null)[]) {
    const [row] = await run(statement, sessionId, ...values);
    return row === undefined ? undefined : parseRow(row, (parsed) => parsed.sessionId === sessionId);
  }

  function reader(statement: NamedText): (sessionId: string) => Promise<SessionRow | undefined> {
    if (!coalesce) return (sessionId) => runOn(statement, sessionId);
    return coalesceReads(async (sessionIds) => {
      const rows = await run(statement, [...sessionIds].join(','));
      const parsed = rows.map((row) => parseRow(row, ({ sessionId }) => sessionIds.has(sessionId)));
      return new Map(parsed.map((row) => [row.sessionId, row]));
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
      toSessionInfo(await runOn(sql.update, sessionId, ...changesOf(changes))),
    async delete(sessionId) {
      const deleted = await runOn(sql.delete, sessionId);
      return deleted?.live === true;
    },
    async listByCustomer(customerId, listOptions) {
      const rows = await run(sql.listByCustomer, customerId, `${listLimit(customerId, listOptions)}`);
      const parsed = rows.map((row) => parseRow(row, (one) => one.customerId === customerId));
      return parsed.map((row) => fromRecord(row.sessionId, row));
    },
    async deleteByCustomer(customerId, deleteOptions) {
      const { except } = checkCustomerCall('deleteByCustomer', customerId, deleteOptions);
      const [row] = await run(sql.deleteByCustomer, customerId, except ?? null);
      return Number(textOf(row, 'deleted'));
    },
    migrate: () => migrateTable(run, table),
    async deleteExpired() {
      let total = 0;
      for (let from: string | null = '-infinity'; from !== null; ) {
        const [row] = await run(sql.deleteExpired, from);
        const batch: { deleted: number; next: string | null } = JSON.parse(textOf(row, 'batch'));
        total += batch.deleted;
        from = batch.next;
      }
      return total;
    },
  };
}

const rules = { ...timeoutRules, table: isTable, coalesce: isBoolean };
