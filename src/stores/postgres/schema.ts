import { checkOptions, type OptionRule } from '../../check-options.js';

export const DEFAULT_TABLE = 'session_info';

/** PostgreSQL cuts a name at 63 bytes without an error, so with a longer table the index would get the name of the table. */
export const isTable: OptionRule = {
  valid: (value) => typeof value === 'string' && /^([a-z_]\w{0,62}\.)?[a-z_]\w{0,46}$/i.test(value),
  fix: 'a name of A-Z a-z 0-9 _, not beginning with a digit, of at most 47, with or without a schema and a dot before it',
};

/**
 * The SQL that creates the table and its indexes where they are missing, for a migration tool. The name of the table is checked
 * and quoted like that of the option. Throws a TypeError for one that the option would not accept.
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

/** The table as SQL writes it. */
export function quote(table: string): string {
  return table
    .split('.')
    .map((name) => `"${name}"`)
    .join('.');
}
