import pg from 'pg';
import { createPostgresStore } from '../../dist/esm/stores/postgres.js';
import { createOurHost } from '../our-host.ts';

export default async function ourMiddlewareOnPostgres(url: string) {
  const pool = new pg.Pool({ connectionString: url });
  const store = createPostgresStore((statement) => pool.query(statement));
  await store.migrate();
  return createOurHost(store);
}
