import { once } from 'node:events';
import { expect, it } from 'vitest';
import { isLong, recordFigures } from './figures.js';
import { type HostProcess, startHost, startProcess } from './host-process.js';

/** How many sessions the store holds at most, and how many are created. */
const MAX = isLong ? 100_000 : 8000;
const CREATES = isLong ? 1_000_000 : 40_000;
const STEPS = 8;

it('a flood of new sessions takes no more memory once the store is full', { timeout: 900_000 }, async () => {
  const host = await startHost({}, { max: MAX });
  // The first requests compile what all need.
  await create(host, 1000);
  const { heapBytes: before } = await host.report();
  await create(host, MAX);
  const { heapBytes: full } = await host.report();
  let most = full;
  for (let step = 0; step < STEPS; step++) {
    await create(host, (CREATES - MAX) / STEPS);
    most = Math.max(most, (await host.report()).heapBytes);
  }
  const { created, unhandled } = await host.report();
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

async function create({ port }: HostProcess, count: number): Promise<void> {
  const flood = startProcess('create-many.ts', { port, count });
  const [told] = await once(flood, 'message', { signal: AbortSignal.timeout(600_000) });
  expect(told).toEqual({ statuses: ['201'] });
}
