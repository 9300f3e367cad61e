import type { Comparison, Side } from './compare.ts';
import { type Database, startPostgresDatabase, startRedisDatabase } from './databases.ts';
import type { RouteName } from './routes.ts';

/** Comparisons that stand in one table. */
export interface Suite {
  readonly title: string;
  /** The packages whose versions count. */
  readonly packages: readonly string[];
  readonly comparisons: readonly Comparison[];
  readonly startDatabase?: () => Promise<Database>;
  /** Over sockets of the loopback interface, and not in memory. */
  readonly overSockets?: boolean;
}

const OF_ROUTES: Record<Exclude<RouteName, 'articles'>, string> = {
  get: 'GET',
  put: 'PUT',
  putBody: 'PUT with a body',
  post: 'POST',
  postBody: 'POST with a body',
};

function onRoutes(routes: readonly (keyof typeof OF_ROUTES)[], sides: Comparison['sides']): Comparison[] {
  return routes.map((route) => ({ request: OF_ROUTES[route], route, sides }));
}

function onArticles(request: string, ...sides: Comparison['sides']): Comparison[] {
  return [{ request, route: 'articles', sides }];
}

const attached: Side = { name: 'attachSession', subject: 'ours.attach' };
const mounted: Side = { name: 'createSessionRouter', subject: 'ours.onExpress' };
const onNode: Side = { name: 'createSessionRouter', subject: 'ours.onNode' };

export const SUITES: Record<string, Suite> = {
  attach: {
    title: 'A route of an Express 5 app, with the session attached by signed cookie',
    packages: ['express', 'express-session', 'memorystore', 'cookie-session', 'iron-session'],
    comparisons: onArticles(
      'GET, a route of the app',
      attached,
      { name: 'an empty middleware', subject: 'session-peers.nothing', target: { atLeast: 0.88 } },
      {
        name: 'express-session, MemoryStore',
        subject: 'session-peers.memoryStore',
        target: { atLeast: 2 },
      },
      { name: 'express-session, memorystore', subject: 'session-peers.memorystore' },
      { name: 'cookie-session', subject: 'session-peers.cookieSession' },
      { name: 'iron-session', subject: 'session-peers.ironSession' },
    ),
  },
  further: {
    title: 'Further middlewares of the same store on one request',
    packages: ['express'],
    comparisons: onArticles('GET, a route of the app', attached, {
      name: 'attachSession and ten further ones',
      subject: 'ours.attachElevenTimes',
      further: 10,
    }),
  },
  node: {
    title: 'The routes on node:http',
    packages: ['express', 'lru-cache', 'fastify'],
    comparisons: [
      ...onRoutes(['get'], [onNode, handWritten(0.85), { name: 'fastify', subject: 'fastify.onFastify' }]),
      ...onRoutes(
        ['postBody'],
        [onNode, handWritten(0.8), { name: 'fastify', subject: 'fastify.onFastify' }],
      ),
    ],
  },
  express: {
    title: 'The routes mounted in an Express 5 app',
    packages: ['express', 'lru-cache'],
    comparisons: onRoutes(
      ['get', 'put', 'putBody', 'post', 'postBody'],
      [
        mounted,
        {
          name: 'hand-written',
          subject: 'hand-written-express.handWrittenOnExpress',
          target: { atLeast: 1 },
        },
      ],
    ),
  },
  redis: {
    title: 'The same route on Redis',
    packages: ['express', 'redis', 'express-session', 'connect-redis'],
    startDatabase: startRedisDatabase,
    comparisons: onArticles(
      'GET, a route of the app',
      { name: 'attachSession on Redis', subject: 'ours.attachOnRedis' },
      {
        name: 'express-session, connect-redis',
        subject: 'session-peers.connectRedis',
        target: { atLeast: 1.8 },
      },
    ),
  },
  postgres: {
    title: 'The same route on Postgres',
    packages: ['express', 'pg', 'express-session', 'connect-pg-simple'],
    startDatabase: startPostgresDatabase,
    comparisons: onArticles(
      'GET, a route of the app',
      { name: 'attachSession on Postgres', subject: 'ours.attachOnPostgres' },
      {
        name: 'express-session, connect-pg-simple',
        subject: 'session-peers.connectPgSimple',
        target: { atLeast: 5 },
      },
    ),
  },
  sockets: {
    title: 'Over sockets, the process on one core: a route of an Express 5 app',
    packages: ['express', 'express-session'],
    overSockets: true,
    comparisons: onArticles(
      'GET, a route of the app',
      attached,
      { name: 'an empty middleware', subject: 'session-peers.nothing' },
      { name: 'express-session, MemoryStore', subject: 'session-peers.memoryStore' },
    ),
  },
  runtimes: {
    title: 'The router in front of an Express 5 app and mounted in it, by the version of Node',
    packages: ['express'],
    comparisons: ['20', '22', '24'].map((node) => ({
      request: `GET on Node ${node}`,
      route: 'get',
      sides: [
        { name: 'in front of the app', subject: 'ours.beforeExpress', node },
        { name: 'mounted in the app', subject: 'ours.onExpress', node },
      ],
    })),
  },
  growth: {
    title: 'The memory store, by the number of its sessions',
    packages: ['express', 'lru-cache'],
    comparisons: onRoutes(
      ['get'],
      [
        { name: '1,000 sessions', subject: 'ours.onNode', argument: '1000' },
        { name: '1,000,000 sessions', subject: 'ours.onNode', argument: '1000000', target: { atMost: 1.3 } },
      ],
    ),
  },
};

function handWritten(atLeast: number): Side {
  return { name: 'hand-written', subject: 'hand-written-node.handWrittenOnNode', target: { atLeast } };
}
