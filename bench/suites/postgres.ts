import type { Suite } from '../comparison.ts';
import { startPostgresDatabase } from '../databases.ts';
import { HOST_ROUTE } from './host-route.ts';

const AGAINST = {
  ...HOST_ROUTE,
  measure: 'against express-session with connect-pg-simple',
  ours: { name: 'attachSession', subject: 'postgres-ours' },
  theirs: { name: 'express-session', subject: 'postgres-express-session' },
};

export const postgresSuite: Suite = {
  title:
    'On Postgres: a route on Express 5 with the session attached by signed cookie, sliding expiry on both sides',
  packages: ['express', 'pg', 'express-session', 'connect-pg-simple'],
  startDatabase: startPostgresDatabase,
  comparisons: [
    { ...AGAINST, figure: 'throughput', target: { atLeast: 4 } },
    { ...AGAINST, figure: 'CPU time' },
  ],
};
