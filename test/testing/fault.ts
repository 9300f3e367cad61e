import type { Plant } from './reference-store.js';

/** A way to break one promise. */
export interface Fault {
  readonly fault: string;
  readonly plant: Plant;
  /** The situations of the promise in which the fault shows. Default: all. */
  readonly in?: readonly string[];
  /** What else it breaks: whole promises, or names of cases. The narrow faults break nothing else. */
  readonly also?: readonly string[];
}

/** The faults of each promise. */
export type Faults = Readonly<Record<string, readonly Fault[]>>;

/** A situation of both methods of `CustomerSessions`. */
export function both(...situations: string[]): string[] {
  return situations.flatMap((name) => [`${name}, listed`, `${name}, ended`]);
}
