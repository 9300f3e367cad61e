import type { AssociationChanges, SessionAssociations } from '../../../src/session-info.js';
import type { SessionStore } from '../../../src/session-store.js';
import { createPostgresStore, type PostgresQuery } from '../../../src/stores/postgres/postgres.js';
import { fromRecord, type SessionRecord } from '../../../src/stores/shared/session-record.js';
import type { SessionTimeouts } from '../../../src/stores/shared/session-timeouts.js';

/** Stores with one fault each, which pass every test in which one call follows the other. */
export const plantedPostgresStores = {
  'read-modify-write': readModifyWrite,
  'FOR UPDATE, then create': forUpdateThenCreate,
  'UPDATE, then INSERT': updateThenInsert,
  'one statement, from its snapshot': fromSnapshot,
} satisfies Record<string, (query: PostgresQuery, timeouts?: SessionTimeouts) => SessionStore>;

/** Writes back what it has read, and its own: what another wrote in between is lost, and what expired is back. */
function readModifyWrite(query: PostgresQuery, timeouts?: SessionTimeouts): SessionStore {
  const run = runner(query);
  return {
    ...createPostgresStore(query, timeouts),
    async update(sessionId, associations) {
      const found = await run(READ, sessionId);
      if (!found) return undefined;
      const merged = columnsOf({ ...withoutNulls(found), ...associations });
      return toSession(sessionId, await run(OVERWRITE, sessionId, ...merged));
    },
  };
}

/** Locks the row against the other create; but a row that is not there can't be locked. */
function forUpdateThenCreate(query: PostgresQuery, timeouts?: SessionTimeouts): SessionStore {
  const run = runner(query);
  return {
    ...createPostgresStore(query, timeouts),
    async create(sessionId, associations) {
      await run('BEGIN');
      try {
        const taken = await run(`${READ} FOR UPDATE`, sessionId);
        const created = taken ? undefined : await run(UPSERT, sessionId, ...columnsOf(associations));
        await run('COMMIT');
        return toSession(sessionId, created);
      } catch (error) {
        await run('ROLLBACK');
        throw error;
      }
    },
  };
}

/** Looks first, and inserts when its update met nothing: a session that ended in between is back. */
function updateThenInsert(query: PostgresQuery, timeouts?: SessionTimeouts): SessionStore {
  const run = runner(query);
  return {
    ...createPostgresStore(query, timeouts),
    async create(sessionId, associations) {
      if (await run(READ, sessionId)) return undefined;
      const values = columnsOf(associations);
      const taken = await run(TAKE_OVER, sessionId, ...values);
      return toSession(sessionId, taken ?? (await run(UPSERT, sessionId, ...values)));
    },
    async update(sessionId, associations) {
      if (!(await run(READ, sessionId))) return undefined;
      const values = columnsOf(associations);
      const updated = await run(MERGE, sessionId, ...values);
      return toSession(sessionId, updated ?? (await run(UPSERT, sessionId, ...values)));
    },
  };
}

/** A single statement, but what it merges with is of its snapshot: only who waits for a lock meets what came after. */
function fromSnapshot(query: PostgresQuery, timeouts?: SessionTimeouts): SessionStore {
  const run = runner(query);
  return {
    ...createPostgresStore(query, timeouts),
    update: async (sessionId, associations) =>
      toSession(sessionId, await run(MERGE_FROM_SNAPSHOT, sessionId, ...columnsOf(associations))),
  };
}

const SESSION = `agent_id AS "agentId", customer_id AS "customerId", visit_id AS "visitId",
  global_visit_id AS "globalVisitId", floor(extract(epoch FROM created_at) * 1000)::text AS "createdAt",
  floor(extract(epoch FROM updated_at) * 1000)::text AS "updatedAt"`;
const COLUMNS =
  'session_id, agent_id, customer_id, visit_id, global_visit_id, created_at, updated_at, expires_at';
const EXCLUDED = `agent_id = EXCLUDED.agent_id, customer_id = EXCLUDED.customer_id, visit_id = EXCLUDED.visit_id,
  global_visit_id = EXCLUDED.global_visit_id, created_at = EXCLUDED.created_at, updated_at = EXCLUDED.updated_at,
  expires_at = EXCLUDED.expires_at`;
const GIVEN = 'agent_id = $2, customer_id = $3, visit_id = $4, global_visit_id = $5';
const USED = `updated_at = clock_timestamp(), expires_at = clock_timestamp() + interval '30 minutes'`;
const LIVE = 'session_id = $1 AND expires_at > clock_timestamp()';

const READ = `SELECT ${SESSION} FROM session_info WHERE ${LIVE}`;
const OVERWRITE = `UPDATE session_info SET ${GIVEN}, ${USED} WHERE session_id = $1 RETURNING ${SESSION}`;
const TAKE_OVER = `UPDATE session_info SET ${GIVEN}, created_at = clock_timestamp(), ${USED}
WHERE session_id = $1 RETURNING ${SESSION}`;
const MERGE = `UPDATE session_info SET agent_id = COALESCE($2, agent_id), customer_id = COALESCE($3, customer_id),
  visit_id = COALESCE($4, visit_id), global_visit_id = COALESCE($5, global_visit_id), ${USED}
WHERE session_id = $1 RETURNING ${SESSION}`;
const UPSERT = `INSERT INTO session_info (${COLUMNS})
VALUES ($1, $2, $3, $4, $5, clock_timestamp(), clock_timestamp(), clock_timestamp() + interval '30 minutes')
ON CONFLICT (session_id) DO UPDATE SET ${EXCLUDED} RETURNING ${SESSION}`;
const MERGE_FROM_SNAPSHOT = `INSERT INTO session_info (${COLUMNS})
SELECT session_id, COALESCE($2, agent_id), COALESCE($3, customer_id), COALESCE($4, visit_id),
  COALESCE($5, global_visit_id), created_at, clock_timestamp(), clock_timestamp() + interval '30 minutes'
FROM session_info WHERE ${LIVE}
ON CONFLICT (session_id) DO UPDATE SET ${EXCLUDED} RETURNING ${SESSION}`;

function runner(query: PostgresQuery) {
  return async function run(text: string, ...values: unknown[]): Promise<SessionRecord | undefined> {
    const { rows } = await query({ name: '', text, values });
    return rows[0] as SessionRecord | undefined;
  };
}

/** `null` leaves a column as it is; these stores remove no member. */
function columnsOf({ agentId, customerId, visitId, globalVisitId }: AssociationChanges): (string | null)[] {
  return [agentId ?? null, customerId ?? null, visitId ?? null, globalVisitId ?? null];
}

function withoutNulls(record: SessionRecord): SessionAssociations {
  return Object.fromEntries(Object.entries(record).filter(([, value]) => value !== null));
}

function toSession(sessionId: string, record: SessionRecord | undefined) {
  return record && fromRecord(sessionId, record);
}
