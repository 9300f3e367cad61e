import type { Comparison, Suite } from '../comparison.ts';
import { ROUTES } from './routes.ts';

const ours = { name: 'createSessionRouter', subject: 'express-ours' };
const theirs = { name: 'hand-written', subject: 'express-hand-written' };
const figure = 'CPU time' as const;

const against: Comparison[] = [
  { ...ROUTES.get, ours, theirs, figure, target: { atLeast: 1.5 } },
  ...[ROUTES.put, ROUTES.putBody, ROUTES.post, ROUTES.postBody].map((route) => ({
    ...route,
    ours,
    theirs,
    figure,
    target: { atLeast: 1.7 },
  })),
];

export const expressSuite: Suite = {
  title: 'Express 5: the router against hand-written routes (express.json, lru-cache, res.json)',
  packages: ['express', 'lru-cache'],
  comparisons: [
    ...against,
    {
      ...ROUTES.get,
      measure: 'GET, the hand-written without ETag',
      ours,
      theirs: { ...theirs, args: ['no-etag'] },
      figure,
    },
    {
      ...ROUTES.get,
      measure: 'GET, the router in front of the app',
      ours: { name: 'the router, then the app', subject: 'router-before-express' },
      theirs,
      figure,
    },
  ],
};
