import fc from 'fast-check';

const isLong = process.env.LONG === '1';

/** How often a property is tried: npm run test:properties tries each 100,000 times. */
const RUNS = isLong ? 100_000 : 5000;

/** Of a test that tries a property, in ms. */
export const TIME_LIMIT = isLong ? 1_800_000 : 120_000;

/** A failure names its seed and path, with which `fc.assert` repeats it: `{ seed, path }` instead of the number of runs. */
export async function holds<Values>(
  property: fc.IAsyncProperty<Values> | fc.IProperty<Values>,
): Promise<void> {
  await fc.assert(property, { numRuns: RUNS });
}
