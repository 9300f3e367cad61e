/**
 * What the ESM and the CommonJS build have in common when both run in one process: the first that asks creates it. `name` ends in the
 * version of its shape.
 */
export function sharedByBuilds<Value>(name: string, create: () => Value): Value {
  const key = Symbol.for(`express-session-info.${name}`);
  const shared = globalThis as { [key: symbol]: unknown };
  shared[key] ??= create();
  return shared[key] as Value;
}
