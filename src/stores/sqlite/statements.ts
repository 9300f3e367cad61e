import { CUSTOMER_INDEX } from './schema.js';

/** The most rows that one `deleteExpired` statement deletes, so that it holds the write lock for some ms only. */
export const DELETE_BATCH = 100;

/**
 * One statement for each call. `update` takes `changesOf`, `create` `columnsOf`, and then the session ID; the others take their
 * arguments in the order of the call.
 */
export function statements({
  idleTimeout,
  absoluteTimeout,
}: {
  idleTimeout: number;
  absoluteTimeout: number;
}) {
  // One moment throughout a statement, read after its lock is held. In ms; `subsec` is a REAL of seconds.
  const now = `CAST(round(unixepoch('subsec') * 1000) AS INTEGER)`;
  const deadline = `min(${now} + ${idleTimeout}, created_at + ${absoluteTimeout})`;
  // `expires_at` is by the timeouts of the last activity, which may have been longer.
  const live = `(expires_at > ${now} AND created_at + ${absoluteTimeout} > ${now})`;
  const session = `session_id AS sessionId, agent_id AS agentId, customer_id AS customerId, visit_id AS visitId,
  global_visit_id AS globalVisitId, created_at AS createdAt, updated_at AS updatedAt`;
  // By name, because after ANALYZE SQLite might read the whole table for a customer with few sessions, if others have many.
  const ofCustomer = `session_info INDEXED BY ${CUSTOMER_INDEX} WHERE customer_id = ?`;
  const changed = (column: string) => `${column} = nullif(coalesce(?, ${column}), '')`;
  return {
    create: `INSERT INTO session_info
  (agent_id, customer_id, visit_id, global_visit_id, session_id, created_at, updated_at, expires_at)
VALUES (?, ?, ?, ?, ?, ${now}, ${now}, ${now} + ${Math.min(idleTimeout, absoluteTimeout)})
ON CONFLICT (session_id) DO UPDATE SET
  agent_id = excluded.agent_id, customer_id = excluded.customer_id, visit_id = excluded.visit_id,
  global_visit_id = excluded.global_visit_id, created_at = excluded.created_at, updated_at = excluded.updated_at,
  expires_at = excluded.expires_at
  WHERE NOT ${live}
RETURNING ${session}`,
    get: `SELECT ${session}, ${deadline} - expires_at >= ${idleTimeout / 20} OR expires_at > ${deadline} AS due
FROM session_info WHERE session_id = ? AND ${live}`,
    extend: `UPDATE session_info SET expires_at = ${deadline} WHERE session_id = ? AND ${live}
RETURNING ${session}`,
    peek: `SELECT ${session} FROM session_info WHERE session_id = ? AND ${live}`,
    update: `UPDATE session_info SET ${['agent_id', 'customer_id', 'visit_id', 'global_visit_id'].map(changed).join(', ')},
  updated_at = ${now}, expires_at = ${deadline}
WHERE session_id = ? AND ${live}
RETURNING ${session}`,
    delete: `DELETE FROM session_info WHERE session_id = ? RETURNING ${live} AS live`,
    listByCustomer: `SELECT ${session} FROM ${ofCustomer} AND ${live}
ORDER BY created_at DESC LIMIT CAST(? AS INTEGER)`,
    deleteByCustomer: `DELETE FROM ${ofCustomer} AND session_id IS NOT ? AND ${live} RETURNING 1`,
    deleteExpired: `DELETE FROM session_info WHERE session_id IN (
  SELECT session_id FROM session_info WHERE expires_at <= ${now} LIMIT ${DELETE_BATCH}
) RETURNING 1`,
  };
}
