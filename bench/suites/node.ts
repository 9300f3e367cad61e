import type { Suite } from '../comparison.ts';
import { ROUTES } from './routes.ts';

export const nodeSuite: Suite = {
  title: 'node:http: the router alone against the same work hand-written',
  packages: ['express', 'lru-cache'],
  comparisons: Object.values(ROUTES).map((route) => ({
    ...route,
    ours: { name: 'createSessionRouter', subject: 'node-ours' },
    theirs: { name: 'hand-written', subject: 'node-hand-written' },
    figure: 'CPU time',
    target: { atLeast: 0.75 },
  })),
};
