/** How many sessions `listByCustomer` returns at most: `limit`, by default 100. Throws a TypeError for a wrong one. */
export function listLimit({ limit = 100 }: { readonly limit?: number | undefined } = {}): number {
  if (Number.isInteger(limit) && limit >= 1 && limit <= 1000) return limit;
  throw new TypeError('listByCustomer: limit must be a whole number from 1 to 1000');
}
