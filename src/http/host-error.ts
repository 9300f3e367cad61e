/**
 * What a hook of the host threw, as `next` must be given it: without an Error `next` would go on, and at the words 'route' and
 * 'router' it would skip a guard.
 */
export function asError(thrown: unknown): Error {
  return isA(Error, thrown) ? thrown : new Error('A hook threw what is no Error', { cause: thrown });
}

/** `instanceof`, also for what somebody else threw: a proxy may throw in its turn when it is asked for its class. */
export function isA<Thing>(kind: abstract new (...args: never[]) => Thing, value: unknown): value is Thing {
  try {
    return value instanceof kind;
  } catch {
    return false;
  }
}
