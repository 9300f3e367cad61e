/**
 * What a hook of the host threw, as `next` must be given it: without an Error `next` would go on, and at the words 'route' and
 * 'router' it would skip a guard.
 */
export function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error('A hook threw what is no Error', { cause: thrown });
}
