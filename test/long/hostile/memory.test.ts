import { once } from 'node:events';
import { expect, it } from 'vitest';
import { type AppProcess, startApp, startProcess } from './app-process.js';
import { isLong, recordFigures } from './figures.js';

/** How many sessions the store holds at most, and how many are made. */
const MAX = isLong ? 100_000 : 8000;
const CREATES = isLong ? 1_000_000 : 40_000;
const STEPS = 8;

it('a flood of new sessions takes no more memory once the store is full', { timeout: 900_000 }, async () => {
  const app = await startApp({}, { max: MAX });
  // The first requests compile what all of them need.
  await create(app, 1000);
  const { heapBytes: before } = await app.report();
  await create(app, MAX);
  const { heapBytes: full } = await app.report();
  let most = full;
  for (let step = 0; step < STEPS; step++) {
    await create(app, (CREATES - MAX) / STEPS);
    most = Math.max(most, (await app.report()).heapBytes);
  }
  const { created, unhandled } = await app.report();
  expect(created).toBe(CREATES + 1000);
  expect(unhandled).toEqual([]);
  const megabytes = (bytes: number) => `${(bytes / 1e6).toFixed(1)} MB`;
  recordFigures('hostile-memory', 'A flood of new sessions', [
    {
      'sessions made': CREATES,
      'the most that the store holds': MAX,
      'heap before': megabytes(before),
      'heap when the store is full': megabytes(full),
      'the most after that': megabytes(most),
      'of the full': `${((100 * most) / full).toFixed(1)} %`,
    },
  ]);
  expect(most).toBeLessThanOrEqual(full * 1.1);
});

async function create({ port }: AppProcess, count: number): Promise<void> {
  const flood = startProcess('create-many.ts', { port, count });
  const [report] = await once(flood, 'message', { signal: AbortSignal.timeout(600_000) });
  expect(report).toEqual({ statuses: ['201'] });
}
