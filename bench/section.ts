/** A table of RESULTS.md, and what it was made from. */
export interface Section {
  readonly title: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** Where it was measured, and with which versions. */
  readonly setting: string;
  readonly measured: unknown;
}
