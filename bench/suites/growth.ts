import type { Side, Suite } from '../comparison.ts';
import { numberedId } from '../numbered-id.ts';
import type { Visitor } from '../visitors.ts';
import { ROUTES } from './routes.ts';

export const growthSuite: Suite = {
  title: 'Growth: what a GET costs at 1 M live sessions in the memory store, for each that it costs at 1 k',
  packages: ['express', 'lru-cache'],
  comparisons: [
    {
      ...ROUTES.get,
      measure: 'GET, the router alone on node:http',
      ours: withSessions('1 k live', 1000),
      theirs: withSessions('1 M live', 1_000_000),
      figure: 'CPU time',
      // Of which making so many different requests takes a part.
      seconds: 2,
      target: { atMost: 1.3 },
    },
  ],
};

/** About as many as a burst has requests, so that at 1 M none comes a second time while it is still in the processor's cache. */
const ASKED = 50_000;

function withSessions(name: string, count: number): Side {
  const visitors = (): Visitor[] =>
    Array.from({ length: ASKED }, () => ({
      sessionId: numberedId(Math.floor(Math.random() * count)),
      cookie: '',
    }));
  return { name, subject: 'growth-ours', args: [`${count}`], visitors };
}
