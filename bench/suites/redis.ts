import type { Suite } from '../comparison.ts';
import { startRedisDatabase } from '../databases.ts';
import { HOST_ROUTE } from './host-route.ts';

const AGAINST = {
  ...HOST_ROUTE,
  measure: 'against express-session with connect-redis',
  ours: { name: 'attachSession', subject: 'redis-ours' },
  theirs: { name: 'express-session', subject: 'redis-express-session' },
};

export const redisSuite: Suite = {
  title:
    'On Redis: a route on Express 5 with the session attached by signed cookie, sliding expiry on both sides',
  packages: ['express', 'redis', 'express-session', 'connect-redis'],
  startDatabase: startRedisDatabase,
  comparisons: [
    { ...AGAINST, figure: 'throughput', target: { atLeast: 2 } },
    { ...AGAINST, figure: 'CPU time' },
  ],
};
