import pg from 'pg';

/** A pool whose queries return or fail in time. */
export function createPgPool(config: pg.PoolConfig, onError: (error: NodeJS.ErrnoException) => void) {
  const pool = new pg.Pool({
    max: 10,
    connectionTimeoutMillis: 1500, // for a connection, also for a free one of the pool
    statement_timeout: 1500, // the server gives up
    query_timeout: 2000, // the client gives up, when the server is silent
    ...config,
  });
  pool.on('error', onError); // without it, a lost idle connection ends the process
  return pool;
}
