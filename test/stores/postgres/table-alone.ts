/** The SQL of a table as it was before it had its indexes. */
export const tableAlone = (table: string) => `CREATE TABLE ${table} (
  session_id text COLLATE "C" PRIMARY KEY, agent_id text, customer_id text, visit_id text, global_visit_id text,
  created_at timestamptz NOT NULL, updated_at timestamptz NOT NULL, expires_at timestamptz NOT NULL)`;

/** The SQL of the names of a table's indexes, without those that are invalid. */
export const VALID_INDEXES = `SELECT relname FROM pg_index JOIN pg_class ON oid = indexrelid
WHERE indrelid = to_regclass($1) AND indisvalid ORDER BY relname`;
