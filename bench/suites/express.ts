import type { Comparison, Suite } from '../comparison.ts';
import { ROUTES } from './routes.ts';

const mounted = { name: 'mounted by app.use', subject: 'express-ours' };
const inFront = { name: 'in front of the app', subject: 'router-before-express' };
const constant = { name: 'a constant in place of ours', subject: 'express-constant' };
const theirs = { name: 'hand-written', subject: 'express-hand-written' };
const figure = 'CPU time' as const;

const AT_LEAST = { get: 1.5, put: 1.7, putBody: 1.7, post: 1.7, postBody: 1.7 };
const VERBS = Object.keys(AT_LEAST) as (keyof typeof AT_LEAST)[];

function eachVerb(ours: Comparison['ours'], hasTarget: boolean): Comparison[] {
  return VERBS.map((verb) => ({
    ...ROUTES[verb],
    ours,
    theirs,
    figure,
    ...(hasTarget && { target: { atLeast: AT_LEAST[verb] } }),
  }));
}

export const expressSuite: Suite = {
  title: 'Express 5: the router against hand-written routes (express.json, lru-cache, res.json)',
  packages: ['express', 'lru-cache'],
  comparisons: [
    ...eachVerb(mounted, true),
    ...eachVerb(inFront, true),
    ...eachVerb(constant, false),
    {
      ...ROUTES.get,
      measure: 'GET, the hand-written without ETag',
      ours: mounted,
      theirs: { ...theirs, args: ['no-etag'] },
      figure,
    },
  ],
};
