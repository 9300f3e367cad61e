/**
 * A copy of a Latin-1 string that stands for itself. V8 makes a part of a string a view of the whole, and a sum of strings a
 * rope of its parts: kept for long, an ID cut out of a URL would keep all of that URL in memory.
 */
export function flatten(text: string): string {
  return Buffer.from(text, 'latin1').toString('latin1');
}
