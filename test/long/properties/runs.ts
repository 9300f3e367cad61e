import fc from 'fast-check';
import { ALL_VARIANTS } from '../../variants.js';

const isLong = process.env.LONG === '1';

/** How often a property is tried: 300 times by npm test, 5,000 by npm run test:long, 100,000 by npm run test:properties. */
const RUNS = isLong ? 100_000 : ALL_VARIANTS ? 5000 : 300;

/** Of a test that tries a property, in ms. */
export const TIME_LIMIT = isLong ? 1_800_000 : 120_000;

/** A failure names its seed and path, with which `fc.assert` repeats it: `{ seed, path }` instead of the number of runs. */
export async function holds<Values>(
  property: fc.IAsyncProperty<Values> | fc.IProperty<Values>,
): Promise<void> {
  await fc.assert(property, { numRuns: RUNS });
}
