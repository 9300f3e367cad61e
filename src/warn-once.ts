const warned = new Set<string>();

/**
 * Warns of a set-up that works, but perhaps not as intended, with the fix: once in a process for each code, as a Node
 * warning (`process.on('warning')`, `--no-warnings`).
 */
export function warnOnce(code: string, message: string): void {
  if (warned.has(code)) return;
  warned.add(code);
  process.emitWarning(message, { type: 'ExpressSessionInfoWarning', code });
}
