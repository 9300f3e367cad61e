/** Whether this is the long run: `npm run test:faults`. */
export const LONG = process.env.LONG === '1';

/** The app's own deadline in these tests, in ms: its default in the long run. */
export const STORE_TIMEOUT = LONG ? 1000 : 400;

/** How long a fault lasts, in ms. */
export const FAULT_DURATION = LONG ? 12_000 : 2000;

/** How long the test of a fault may take, in ms. */
export const FAULT_LIMIT = FAULT_DURATION + 28_000;
