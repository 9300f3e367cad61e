import type { Comparison, Suite } from '../comparison.ts';
import { HOST_ROUTE } from './host-route.ts';

const ours = { name: 'attachSession', subject: 'attach-ours' };

function against(name: string, subject: string, atLeast?: number): Comparison {
  return {
    ...HOST_ROUTE,
    measure: `against ${name}`,
    ours,
    theirs: { name, subject },
    figure: 'CPU time',
    ...(atLeast !== undefined && { target: { atLeast } }),
  };
}

export const attachSuite: Suite = {
  title: 'A route on Express 5 with the session attached by signed cookie',
  packages: ['express', 'express-session', 'memorystore', 'cookie-session', 'iron-session'],
  comparisons: [
    against('express-session with MemoryStore', 'attach-express-session', 1.75),
    against('nothing attached', 'attach-nothing', 0.9),
    against('express-session with memorystore', 'attach-memorystore'),
    against('cookie-session', 'attach-cookie-session'),
    against('iron-session', 'attach-iron-session'),
  ],
};
