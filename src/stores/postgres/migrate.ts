import { textOf } from './rows.js';
import { postgresSchema, quote, tableIndexes } from './schema.js';
import { type NamedText, named } from './statements.js';

/**
 * Creates the table with its indexes, or the indexes that an existing table lacks, and builds one again that an earlier run left
 * invalid. Each statement may run on another connection, and several processes may do it at once.
 *
 * An index is built online, by CREATE INDEX CONCURRENTLY. That waits for every statement that began before, so a process whose
 * statement waited for its lock would deadlock with it: hence the turns. Should two collide all the same, by a deadlock, a duplicate
 * or a change of one row of the catalog, then both look again.
 */
export async function migrateTable(run: Run, table: string): Promise<void> {
  const sql = migrationStatements(table);
  const look = async (): Promise<TableState> => JSON.parse(await runForText(run, sql.look, 'state'));
  const takeTurn = async () => (await runForText(run, sql.takeTurn, 'turn')) === 'mine';

  const { encoding, exists } = await look();
  refuseEncoding(encoding);
  if (!exists) await run(sql.create);
  let collisions = 0;
  for (let myTurn = false; ; myTurn = await takeTurn()) {
    const step = nextStep(table, await look());
    if (!step) return;
    const collision = myTurn ? await runStep(run, step) : undefined;
    if (collision && ++collisions > MAX_COLLISIONS) throw collision;
  }
}

type Run = (statement: NamedText) => Promise<readonly unknown[]>;

/** What the catalog says of the table. */
interface TableState {
  readonly encoding: string;
  readonly exists: boolean;
  readonly schema: string | null;
  /** Whether each index of the table is valid, by its name; null without any. */
  readonly indexes: Readonly<Record<string, boolean>> | null;
}

function refuseEncoding(encoding: string): void {
  if (encoding === 'UTF8' || encoding === 'SQL_ASCII') return;
  throw new Error(
    `createPostgresStore: the encoding of the database is ${encoding}; use UTF8, which can store every value`,
  );
}

/** What the first index needs that is missing or invalid; undefined if all are there. */
function nextStep(table: string, { schema, indexes }: TableState): NamedText | undefined {
  const index = tableIndexes(table).find(({ name }) => indexes?.[name] !== true);
  if (!index) return undefined;
  return indexes?.[index.name] === false
    ? named('drop_index', `DROP INDEX CONCURRENTLY IF EXISTS ${schema}."${index.name}"`)
    : named('create_index', `CREATE INDEX CONCURRENTLY "${index.name}" ON ${index.on}`);
}

const MAX_COLLISIONS = 5;
/** deadlock_detected; duplicate_table, which says so of an index too; internal_error, as in "tuple concurrently updated" of an index. */
const COLLISION_CODES: readonly unknown[] = ['40P01', '42P07', 'XX000'];

/** Returns the error of a step that collided with another process; any other one is thrown. */
async function runStep(run: Run, step: NamedText): Promise<unknown> {
  try {
    await run(step);
    return undefined;
  } catch (error) {
    if (COLLISION_CODES.includes((error as { code?: unknown } | null)?.code)) return error;
    throw error;
  }
}

async function runForText(run: Run, statement: NamedText, column: string): Promise<string> {
  const [row] = await run(statement);
  return textOf(row, column);
}

function migrationStatements(table: string) {
  const oid = `to_regclass('${quote(table)}')`;
  const key = `hashtext('express-session-info'), hashtext('${table}')`;
  return {
    look: named(
      'look',
      `SELECT json_build_object(
  'encoding', current_setting('server_encoding'),
  'exists', ${oid} IS NOT NULL,
  'schema', (SELECT relnamespace::regnamespace::text FROM pg_class WHERE oid = ${oid}),
  'indexes', (SELECT json_object_agg(relname, indisvalid)
    FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid WHERE indrelid = ${oid})
)::text AS state`,
    ),
    // CREATE … IF NOT EXISTS fails when two do it at the same time, hence the lock.
    create: named(
      'create_table',
      `DO $$ BEGIN
PERFORM pg_advisory_xact_lock(${key});
${postgresSchema(table)}
END $$`,
    ),
    takeTurn: named('take_turn', takeTurnText(oid, key)),
  };
}

/**
 * Whoever gets the lock waits, and has the turn if nobody builds or drops an index then, or vacuums the table. The next one waits as
 * long, and so sees what this one has begun after its turn.
 */
function takeTurnText(oid: string, key: string): string {
  return `SELECT CASE WHEN pg_try_advisory_xact_lock(${key}) AND pg_sleep(0.2) IS NOT NULL AND NOT EXISTS (
  SELECT FROM pg_locks WHERE relation = ${oid} AND mode = 'ShareUpdateExclusiveLock'
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
) THEN 'mine' ELSE 'not mine' || pg_sleep(0.2)::text END AS turn`;
}
