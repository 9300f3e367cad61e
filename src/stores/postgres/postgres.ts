import { createHash } from 'node:crypto';
import { checkOptions, type OptionRule } from '../../check-options.js';
import type { SessionAssociations, SessionInfo } from '../../session-info.js';
import type { SessionStore } from '../../session-store.js';
import { fromRecord, type SessionRecord } from '../shared/session-record.js';
import { type SessionTimeouts, timeoutRules, withDefaultTimeouts } from '../shared/session-timeouts.js';
import { coalesceReads } from './coalesced-reads.js';

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
  /** The values of `$1`, `$2`, …: strings, and `null` for an association that is not named. */
  readonly values: unknown[];
}

/** Runs one statement, outside a transaction, and answers its rows as objects in `rows`. Rejects when the statement fails. */
export type PostgresQuery = (statement: PostgresStatement) => PromiseLike<{
  /** One object for each row. */
  readonly rows: readonly unknown[];
}>;

/** A {@link SessionStore} in PostgreSQL, and the care of its table. */
export interface PostgresStore extends SessionStore {
  /**
   * Makes the table and its index where they are missing. Any number of processes may call it at once. Rejects as the query
   * does, and for a database whose encoding can't hold every value.
   */
  migrate(): Promise<void>;
  /**
   * Removes the rows of expired sessions, and answers how many. Nothing needs it but the disk: call it now and then. Rejects as
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
 * loop share one statement, which takes half of the CPU time. A get that meets another call at work on the row answers without
 * extending it, so that it neither waits nor keeps the other gets waiting. Times are the server's. A use that
 * would move the deadline by less than 5 % of `idleTimeout` writes nothing. It counts on the isolation level "read committed",
 * the default; a serialization failure or a deadlock is thrown. Throws a TypeError for a wrong option.
 */
export function createPostgresStore(query: PostgresQuery, options: PostgresStoreOptions = {}): PostgresStore {
  if (typeof query !== 'function') {
    throw new TypeError(
      'createPostgresStore: query must be a function; pass (statement) => pool.query(statement), options second',
    );
  }
  checkOptions('createPostgresStore', options, rules);
  const { table = DEFAULT_TABLE } = options;
  const { idleTimeout, absoluteTimeout } = withDefaultTimeouts(options);
  const sql = statements(table, { idle: interval(idleTimeout), absolute: interval(absoluteTimeout) });

  async function run(statement: NamedText, ...values: unknown[]): Promise<readonly unknown[]> {
    const { rows } = await query({ ...statement, values });
    return rows;
  }

  async function runOn(statement: NamedText, sessionId: string, ...values: unknown[]) {
    const [row] = await run(statement, sessionId, ...values);
    return row === undefined ? undefined : parseRow(row, new Set([sessionId]));
  }

  const read = coalesceReads(async (sessionIds) => {
    const rows = await run(sql.get, [...sessionIds].join(','));
    const records = rows.map((row) => parseRow(row, sessionIds));
    return new Map(records.map((record) => [record.sessionId, record]));
  });

  return {
    create: async (sessionId, associations) =>
      toSessionInfo(await runOn(sql.create, sessionId, ...columnsOf(associations))),
    // A row that makes no session, as one edited by hand, fails the get of its own ID only.
    get: async (sessionId) => toSessionInfo(await read(sessionId)),
    update: async (sessionId, associations) =>
      toSessionInfo(await runOn(sql.update, sessionId, ...columnsOf(associations))),
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

/**
 * The SQL that makes the table and its index where they are missing, for a migration tool. The name of the table is checked
 * and quoted as that of the option is. Throws a TypeError for one that the option would not take.
 */
export function postgresSchema(table: string = DEFAULT_TABLE): string {
  checkOptions('postgresSchema', { table }, { table: isTable });
  return `
CREATE TABLE IF NOT EXISTS ${quote(table)} (
  session_id text COLLATE "C" PRIMARY KEY,
  agent_id text,
  customer_id text,
  visit_id text,
  global_visit_id text,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL
);
CREATE INDEX IF NOT EXISTS "${table.split('.').at(-1)}_expires_at_idx" ON ${quote(table)} (expires_at);
`.trim();
}

/** What a statement says of one session. `live` is told by a delete only. */
interface Row extends SessionRecord {
  readonly sessionId: string;
  readonly live?: boolean;
}

/** Throws an Error for a row of a session that was not asked for, as a client that mixes answers up gives it. */
function parseRow(row: unknown, asked: ReadonlySet<string>): Row {
  const record = JSON.parse((row as { session: string }).session);
  if (!asked.has(record.sessionId)) {
    throw new Error('createPostgresStore: query answered the row of another session');
  }
  return record;
}

function toSessionInfo(row: Row | undefined): SessionInfo | undefined {
  return row && fromRecord(row.sessionId, row);
}

const DEFAULT_TABLE = 'session_info';

/** Postgres cuts a name at 63 bytes without an error; with `_expires_at_idx` the index would get the name of the table. */
const isTable: OptionRule = {
  valid: (value) => typeof value === 'string' && /^([a-z_]\w{0,62}\.)?[a-z_]\w{0,46}$/i.test(value),
  fix: 'a name of A-Z a-z 0-9 _, not beginning with a digit, of at most 47, with or without a schema and a dot before it',
};

const rules = { ...timeoutRules, table: isTable };

interface NamedText {
  readonly name: string;
  readonly text: string;
}

/**
 * The clock is clock_timestamp(), not now(): a statement that waited for the lock of a row is evaluated again when the row has
 * changed meanwhile, and must then judge by the time after the wait. Only what `get` reads without a lock goes by the time of its
 * start, as its snapshot does: a row that another call extends meanwhile has its old deadline there.
 *
 * `get` locks the rows to extend before it does so, SKIP LOCKED: those that wait for nothing make no deadlock, in whatever order
 * they come upon their rows. NO KEY UPDATE, as the UPDATE itself: a foreign key of the host's to a session does not stop it.
 *
 * A session comes as the text of a JSON object, of which no client can make anything else: they differ on numbers and times,
 * and PGlite 0.5 drops a U+FEFF that a text begins with. It names its ID, by which a client is caught that hands
 * one call the rows of another.
 */
function statements(tableName: string, { idle, absolute }: { idle: string; absolute: string }) {
  const table = quote(tableName);
  // A row that somebody has edited must not overflow a time, which would fail all gets that share the statement.
  const deadline = `LEAST(clock_timestamp() + ${idle}, LEAST(created_at, clock_timestamp()) + ${absolute})`;
  // `expires_at` goes by the timeouts under which the session was last used, which may have been longer.
  const liveAt = (clock: string, row = table) =>
    `${row}.expires_at > ${clock} AND ${row}.created_at > ${clock} - ${absolute}`;
  const live = liveAt('clock_timestamp()');
  const session = `json_build_object('sessionId', session_id, 'agentId', agent_id, 'customerId', customer_id,
  'visitId', visit_id, 'globalVisitId', global_visit_id, 'createdAt', ${milliseconds('created_at')}, 'updatedAt', ${milliseconds('updated_at')}
)::text AS session`;
  // No ID has a comma in it. As one text it is a parameter like the others, whatever a client makes of arrays. In a SELECT of its
  // own the planner can't count it, and so keeps the plan: to plan anew for each number of IDs takes longer than the reads.
  const asked = `session_id = ANY ((SELECT string_to_array($1, ','))::text[])`;
  return {
    create: named(
      'create',
      `INSERT INTO ${table} AS old
  (session_id, agent_id, customer_id, visit_id, global_visit_id, created_at, updated_at, expires_at)
SELECT $1, $2, $3, $4, $5, now, now, now + LEAST(${idle}, ${absolute}) FROM (SELECT clock_timestamp() AS now) AS clock
ON CONFLICT (session_id) DO UPDATE SET
  agent_id = EXCLUDED.agent_id, customer_id = EXCLUDED.customer_id, visit_id = EXCLUDED.visit_id,
  global_visit_id = EXCLUDED.global_visit_id, created_at = EXCLUDED.created_at, updated_at = EXCLUDED.updated_at,
  expires_at = EXCLUDED.expires_at
  WHERE NOT (${liveAt('clock_timestamp()', 'old')})
RETURNING ${session}`,
    ),
    get: named(
      'get',
      `WITH due AS (
  SELECT session_id AS due_id FROM ${table}
  WHERE ${asked} AND ${live} AND (expires_at <= ${deadline} - ${idle} / 20 OR expires_at > ${deadline})
  FOR NO KEY UPDATE SKIP LOCKED
), extended AS (
  UPDATE ${table} SET expires_at = ${deadline} FROM due WHERE session_id = due_id
  RETURNING due_id, ${session}
)
SELECT session FROM extended
UNION ALL
SELECT ${session} FROM ${table}
WHERE ${asked} AND ${liveAt('statement_timestamp()')} AND session_id NOT IN (SELECT due_id FROM extended)`,
    ),
    update: named(
      'update',
      `UPDATE ${table} SET
  agent_id = COALESCE($2, agent_id), customer_id = COALESCE($3, customer_id), visit_id = COALESCE($4, visit_id),
  global_visit_id = COALESCE($5, global_visit_id), updated_at = clock_timestamp(), expires_at = ${deadline}
WHERE session_id = $1 AND ${live}
RETURNING ${session}`,
    ),
    delete: named(
      'delete',
      `DELETE FROM ${table} WHERE session_id = $1
RETURNING json_build_object('sessionId', session_id, 'live', ${live})::text AS session`,
    ),
    // SKIP LOCKED: two of them at once, or one and an update, never wait for each other in a circle.
    deleteExpired: named(
      'delete_expired',
      `WITH deleted AS (
  DELETE FROM ${table} WHERE session_id IN (
    SELECT session_id FROM ${table} WHERE expires_at <= statement_timestamp() FOR UPDATE SKIP LOCKED
  ) RETURNING 1
)
SELECT count(*) AS count FROM deleted`,
    ),
    // CREATE … IF NOT EXISTS fails when two do it at the same time, hence the lock.
    migrate: named(
      'migrate',
      `DO $$ BEGIN
IF current_setting('server_encoding') NOT IN ('UTF8', 'SQL_ASCII') THEN
  RAISE 'createPostgresStore: the database is in %; use one in UTF8, which holds every value', current_setting('server_encoding');
END IF;
PERFORM pg_advisory_xact_lock(hashtext('express-session-info'), hashtext('${tableName}'));
${postgresSchema(tableName)}
END $$`,
    ),
  };
}

/** A pool may serve several stores, and a statement prepared under a name must keep its text. */
function named(method: string, text: string): NamedText {
  const hash = createHash('sha1').update(text).digest('hex').slice(0, 12);
  return { name: `session_info_${method}_${hash}`, text };
}

function quote(table: string): string {
  return table
    .split('.')
    .map((name) => `"${name}"`)
    .join('.');
}

/** Seconds, because an interval of so many milliseconds would overflow in PostgreSQL 14 and before. */
function interval(milliseconds: number): string {
  return `interval '${milliseconds / 1000} seconds'`;
}

function milliseconds(column: string): string {
  return `floor(extract(epoch FROM ${column}) * 1000)`;
}

function columnsOf({ agentId, customerId, visitId, globalVisitId }: SessionAssociations): (string | null)[] {
  return [agentId ?? null, customerId ?? null, visitId ?? null, globalVisitId ?? null];
}
