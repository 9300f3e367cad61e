import type { Suite } from '../comparison.ts';
import { ROUTES } from './routes.ts';

export const fastifySuite: Suite = {
  title: 'node:http: the router alone against fastify with schemas',
  packages: ['express', 'lru-cache', 'fastify'],
  comparisons: Object.values(ROUTES).map((route) => ({
    ...route,
    ours: { name: 'createSessionRouter', subject: 'node-ours' },
    theirs: { name: 'fastify', subject: 'fastify' },
    figure: 'CPU time',
    target: { atLeast: 1.1 },
  })),
};
