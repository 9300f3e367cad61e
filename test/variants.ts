/** Whether to try every variant and the tests that take seconds, as `npm run test:long` does, and not the first few, as `npm test` does. */
export const ALL_VARIANTS = process.env.ALL_VARIANTS === '1';

/** Of variants that differ little, such as the clients of one server, all or the first few. */
export function variants<Variant>(all: readonly Variant[], few = 1): readonly Variant[] {
  return ALL_VARIANTS ? all : all.slice(0, few);
}
