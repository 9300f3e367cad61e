import { checkOptions, type OptionRule } from '../../check-options.js';

export const DEFAULT_TABLE = 'session_info';

/** PostgreSQL cuts a name at 63 bytes without an error, so with a longer one an index could get the name of the table. */
export const isTable: OptionRule = {
  valid: (value) => typeof value === 'string' && /^([a-z_]\w{0,62}\.)?[a-z_]\w{0,46}$/i.test(value),
  fix: 'a name of A-Z a-z 0-9 _, not beginning with a digit, of at most 47, with or without a schema and a dot before it',
};

/**
 * The SQL that creates the table and its indexes where they are missing, for a migration tool. The name of the table is checked
 * and quoted like that of the option. Throws a TypeError for one that the option would not accept.
 *
 * It works in a transaction, and so an index that is missing on a table in use keeps writes waiting until it is built. There, run
 * `CREATE INDEX CONCURRENTLY` instead, or call `migrate()`.
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
${tableIndexes(table)
  .map(({ name, on }) => `CREATE INDEX IF NOT EXISTS "${name}" ON ${on};`)
  .join('\n')}
`.trim();
}

/** The indexes of the table, by name: that of `deleteExpired()`, and that of the sessions of a customer. */
export function tableIndexes(table: string): { readonly name: string; readonly on: string }[] {
  const prefix = table.split('.').at(-1);
  return [
    { name: `${prefix}_expires_at_idx`, on: `${quote(table)} (expires_at)` },
    {
      name: `${prefix}_customer_idx`,
      on: `${quote(table)} (customer_id, created_at DESC) WHERE customer_id IS NOT NULL`,
    },
  ];
}

/** The table as SQL writes it. */
export function quote(table: string): string {
  return table
    .split('.')
    .map((name) => `"${name}"`)
    .join('.');
}
