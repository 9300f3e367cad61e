// One of several processes that test/stores/postgres/migrate.test.ts starts on one table:
// node migrate-process.ts URL TABLE START, START being when all of them begin, in ms since the epoch.
import pg from 'pg';
import { createPostgresStore } from '../../../src/stores/postgres/postgres.js';

const [connectionString, table, start] = process.argv.slice(2);
const pool = new pg.Pool({ connectionString });
const store = createPostgresStore((statement) => pool.query(statement), { table });
while (Date.now() < Number(start)) await new Promise(setImmediate);

await store.migrate();
await store.create(`of-${process.pid}`, { customerId: 'one' });
await pool.end();
