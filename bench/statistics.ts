export interface Spread {
  readonly lower: number;
  readonly upper: number;
}

export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

/** The quartiles: half of the values lie between them. */
export function quartiles(values: readonly number[]): Spread {
  return { lower: quantile(values, 0.25), upper: quantile(values, 0.75) };
}

/** Interpolates between the two values next to the place. */
function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const place = (sorted.length - 1) * share;
  const below = sorted[Math.floor(place)] as number;
  const above = sorted[Math.ceil(place)] as number;
  return below + (above - below) * (place - Math.floor(place));
}
