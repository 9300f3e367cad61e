/** The index of the sessions of a customer. */
export const CUSTOMER_INDEX = 'session_info_customer_id_idx';

/** The SQL that creates the table and its indexes where they are missing, for a migration tool. */
export const sqliteSchema: string = `
CREATE TABLE IF NOT EXISTS session_info (
  session_id TEXT PRIMARY KEY NOT NULL,
  agent_id TEXT,
  customer_id TEXT,
  visit_id TEXT,
  global_visit_id TEXT,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS session_info_expires_at_idx ON session_info (expires_at);
CREATE INDEX IF NOT EXISTS ${CUSTOMER_INDEX} ON session_info (customer_id, created_at DESC)
  WHERE customer_id IS NOT NULL;
`.trim();
