import type { Suite } from '../comparison.ts';
import { ROUTES } from './routes.ts';

/** Express gives each request and response its prototype anew, which costs much before Node 24. */
export const runtimesSuite: Suite = {
  title:
    'Versions of Node: the router mounted in an app of Express 5, for each that it costs in front of the app',
  packages: ['express'],
  comparisons: ['20', '22', '24'].map((node) => ({
    ...ROUTES.get,
    measure: `GET on Node ${node}`,
    ours: { name: 'in front of the app', subject: 'router-before-express', node },
    theirs: { name: 'mounted by app.use', subject: 'express-ours', node },
    figure: 'CPU time',
  })),
};
