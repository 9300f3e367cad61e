/**
 * What exists once in a process, also where both builds of the package, ESM and CommonJS, are loaded: the first that asks creates it. `name`
 * ends in the version of its shape.
 */
export function oncePerProcess<Value>(name: string, create: () => Value): Value {
  const key = Symbol.for(`express-session-info.${name}`);
  const shared = globalThis as { [key: symbol]: unknown };
  shared[key] ??= create();
  return shared[key] as Value;
}

/**
 * Warns of a set-up that works, but perhaps not as intended, with the fix: once in a process for each code, as a Node
 * warning (`process.on('warning')`, `--no-warnings`).
 */
export function warnOnce(code: string, message: string): void {
  if (warned.has(code)) return;
  warned.add(code);
  process.emitWarning(message, { type: 'ExpressSessionInfoWarning', code });
}

const warned = oncePerProcess('warned.1', () => new Set<string>());
