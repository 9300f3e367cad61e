import { createHash } from 'node:crypto';
import type { withDefaultTimeouts } from '../shared/session-timeouts.js';
import { quote } from './schema.js';

/** A statement, and a name for clients that prepare by name. */
export interface NamedText {
  readonly name: string;
  readonly text: string;
}

/**
 * The statements of a store, one for each of its methods.
 *
 * The clock is clock_timestamp(), not now(): a statement that waited for the lock of a row is evaluated again if the row has
 * changed meanwhile, and must then judge by the time after the wait. What reads without a lock goes by the time of its start,
 * as its snapshot does: a row that another call extends meanwhile has its old deadline there.
 *
 * A session is returned as the text of a JSON object, which every client leaves as it is: they differ on numbers and times,
 * and PGlite 0.5 drops a U+FEFF at the beginning of a text. It includes its ID, so that a client that mixes up the rows of two
 * calls is noticed.
 */
export function postgresStatements(table: string, timeouts: Timeouts) {
  const sql = fragments(table, timeouts);
  return {
    create: named('create', createText(sql)),
    get: named('get', getText(sql)),
    peek: named('peek', peekText(sql)),
    update: named('update', updateText(sql)),
    delete: named('delete', deleteText(sql)),
    deleteExpired: named('delete_expired', deleteExpiredText(sql)),
    listByCustomer: named('list_by_customer', listByCustomerText(sql)),
    deleteByCustomer: named('delete_by_customer', deleteByCustomerText(sql)),
  };
}

/** A pool may serve several stores, and a statement prepared under a name must keep its text. */
export function named(method: string, text: string): NamedText {
  const hash = createHash('sha1').update(text).digest('hex').slice(0, 12);
  return { name: `session_info_${method}_${hash}`, text };
}

type Timeouts = ReturnType<typeof withDefaultTimeouts>;
type Fragments = ReturnType<typeof fragments>;

/** What several statements have in common. */
function fragments(tableName: string, timeouts: Timeouts) {
  const table = quote(tableName);
  const idle = interval(timeouts.idleTimeout);
  const absolute = interval(timeouts.absoluteTimeout);
  // `expires_at` follows the timeouts under which the session was last used, which may have been longer.
  const liveAt = (clock: string, row = table) =>
    `${row}.expires_at > ${clock} AND ${row}.created_at > ${clock} - ${absolute}`;
  return {
    table,
    idle,
    absolute,
    liveAt,
    live: liveAt('clock_timestamp()'),
    // A row that somebody has edited must not overflow a time, which would fail all gets that share the statement.
    deadline: `LEAST(clock_timestamp() + ${idle}, LEAST(created_at, clock_timestamp()) + ${absolute})`,
    session: `json_build_object('sessionId', session_id, 'agentId', agent_id, 'customerId', customer_id,
  'visitId', visit_id, 'globalVisitId', global_visit_id, 'createdAt', ${milliseconds('created_at')}, 'updatedAt', ${milliseconds('updated_at')}
)::text AS session`,
    // No ID has a comma in it. As one text it is a parameter like the others, whatever a client does with arrays. In a SELECT of
    // its own the planner can't count the IDs, and so keeps the plan: a new plan for each number of IDs takes longer than the reads.
    asked: `session_id = ANY ((SELECT string_to_array($1, ','))::text[])`,
  };
}

/** Seconds, because an interval of so many milliseconds would overflow in PostgreSQL 14 and before. */
function interval(milliseconds: number): string {
  return `interval '${milliseconds / 1000} seconds'`;
}

function milliseconds(column: string): string {
  return `floor(extract(epoch FROM ${column}) * 1000)`;
}

/** The row of an expired session is taken over at the time after the wait for its lock. */
function createText({ table, idle, absolute, liveAt, session }: Fragments): string {
  const times = `SELECT now, now, now + LEAST(${idle}, ${absolute}) FROM (SELECT clock_timestamp() AS now) AS clock`;
  return `INSERT INTO ${table} AS old
  (session_id, agent_id, customer_id, visit_id, global_visit_id, created_at, updated_at, expires_at)
SELECT $1, $2, $3, $4, $5, times.* FROM (${times}) AS times
ON CONFLICT (session_id) DO UPDATE SET
  agent_id = EXCLUDED.agent_id, customer_id = EXCLUDED.customer_id, visit_id = EXCLUDED.visit_id,
  global_visit_id = EXCLUDED.global_visit_id, (created_at, updated_at, expires_at) = (${times})
  WHERE NOT (${liveAt('clock_timestamp()', 'old')})
RETURNING ${session}`;
}

/**
 * The rows to extend are locked before that, SKIP LOCKED: statements that wait for nothing can't deadlock, in whatever order they
 * reach their rows. NO KEY UPDATE, as the UPDATE itself: a foreign key of your app to a session does not stop it.
 */
function getText({ table, idle, asked, live, liveAt, deadline, session }: Fragments): string {
  return `WITH due AS (
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
WHERE ${asked} AND ${liveAt('statement_timestamp()')} AND session_id NOT IN (SELECT due_id FROM extended)`;
}

function peekText({ table, asked, liveAt, session }: Fragments): string {
  return `SELECT ${session} FROM ${table} WHERE ${asked} AND ${liveAt('statement_timestamp()')}`;
}

/** A parameter that is null leaves its column as it is, and an empty one, which no association is, removes the value. */
function updateText({ table, live, deadline, session }: Fragments): string {
  const changed = (column: string, parameter: string) =>
    `${column} = NULLIF(COALESCE(${parameter}, ${column}), '')`;
  return `UPDATE ${table} SET ${changed('agent_id', '$2')}, ${changed('customer_id', '$3')},
  ${changed('visit_id', '$4')}, ${changed('global_visit_id', '$5')},
  updated_at = clock_timestamp(), expires_at = ${deadline}
WHERE session_id = $1 AND ${live}
RETURNING ${session}`;
}

function deleteText({ table, live }: Fragments): string {
  return `DELETE FROM ${table} WHERE session_id = $1
RETURNING json_build_object('sessionId', session_id, 'live', ${live})::text AS session`;
}

/**
 * At most `limit` rows, so that a statement ends in time however many there are; `$1` is where the batch before it ended, so that
 * no batch passes again over what the others have left behind. SKIP LOCKED: several at once, or one and an update, can't deadlock.
 */
function deleteExpiredText({ table }: Fragments): string {
  const limit = 1000;
  return `WITH expired AS MATERIALIZED (
  SELECT ctid AS place, expires_at FROM ${table}
  WHERE expires_at >= $1::timestamptz AND expires_at <= statement_timestamp()
  ORDER BY expires_at LIMIT ${limit} FOR UPDATE SKIP LOCKED
), deleted AS (
  DELETE FROM ${table} WHERE ctid = ANY (ARRAY(SELECT place FROM expired)) RETURNING 1
)
SELECT json_build_object('deleted', (SELECT count(*) FROM deleted),
  'next', CASE WHEN count(*) = ${limit} THEN max(expires_at) END)::text AS batch FROM expired`;
}

/** Newest first. The times and the customer are those of the index, so that it does not matter what else the table holds. */
function listByCustomerText({ table, liveAt, session }: Fragments): string {
  return `SELECT ${session} FROM ${table}
WHERE customer_id = $1 AND ${liveAt('statement_timestamp()')}
ORDER BY created_at DESC LIMIT $2::text::int`;
}

/**
 * If it waits for the lock of a row, and a new session of the same customer takes the row over meanwhile, the row must stay. That
 * session is newer than any at the start, which the clock alone would not tell: it may have been set back. The bound by
 * statement_timestamp() excludes nothing else, but it is one that the index can use.
 */
function deleteByCustomerText({ table, absolute, live }: Fragments): string {
  return `WITH deleted AS (
  DELETE FROM ${table}
  WHERE customer_id = $1 AND ${live} AND created_at > statement_timestamp() - ${absolute}
    AND created_at <= (SELECT max(created_at) FROM ${table} WHERE customer_id = $1)
    AND session_id IS DISTINCT FROM $2
  RETURNING 1
)
SELECT count(*)::text AS deleted FROM deleted`;
}
