import pg from 'pg';
import { createPostgresStore } from '../../../src/stores/postgres/postgres.js';
import { findBinary } from '../../servers/find-binary.js';
import { needs } from '../../servers/needs.js';
import { type Pgbouncer, startPgbouncer } from '../../servers/pgbouncer.js';
import { type PostgresServer, startPostgres } from '../../servers/postgres.js';
import { describeFaults, type Lane } from './describe-faults.js';
import { DURABLE, postgresFaults } from './postgres-faults.js';
import { signalTree } from './signal-tree.js';

const arePresent = ['pgbouncer', 'postgres'].every((program) => findBinary(program) !== undefined);

needs('pgbouncer', arePresent)('A store on PostgreSQL behind pgbouncer in transaction mode', () =>
  describeFaults([lane()]),
);

function lane(): Lane {
  const at = {} as { server: PostgresServer; pooler: Pgbouncer };
  return {
    name: 'when the server fails',
    faults: postgresFaults(at).filter(({ name }) => ['kill -9', 'SIGSTOP', 'restart'].includes(name)),
    async start() {
      at.server = await startPostgres(DURABLE);
      at.pooler = await startPgbouncer(at.server);
      await migrateTwice(at.pooler.url);
    },
    async stop() {
      await at.pooler?.stop();
      if (at.server) signalTree(at.server.process.pid, 'SIGCONT');
      await at.server?.stop();
    },
    settings: () => [{ store: 'PostgreSQL (pgbouncer)', urls: [at.pooler.url] }],
  };
}

/** Several at once. The second time an index is missing, which is built while the table is in use. */
async function migrateTwice(connectionString: string): Promise<void> {
  const pool = new pg.Pool({ connectionString });
  const store = createPostgresStore(({ text, values }) => pool.query({ text, values }));
  const migrate = () => Promise.all([store.migrate(), store.migrate(), store.migrate()]);
  try {
    await migrate();
    await pool.query('DROP INDEX session_info_customer_idx');
    await migrate();
    // Fails if it is not there.
    await pool.query('DROP INDEX session_info_customer_idx');
    await migrate();
  } finally {
    await pool.end();
  }
}
