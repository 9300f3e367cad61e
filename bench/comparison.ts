import type { MakeRequest } from './load.ts';
import type { Visitor } from './visitors.ts';

/** One side of a comparison: a file of subjects/, and what to call it. */
export interface Side {
  readonly name: string;
  readonly subject: string;
  readonly args?: string[];
  /** The major of Node that runs it. Default: the Node that runs the benchmark. */
  readonly node?: string;
  /** Sessions that it comes with, others each time. Without it they are opened by requests. */
  readonly visitors?: () => Visitor[];
}

/**
 * What a request costs: the CPU time of the server's process, or the time that all that has a part in it takes, so that the
 * cost of two is the ratio of their requests per second.
 */
export type Figure = 'CPU time' | 'throughput';

export type Target = { readonly atLeast: number } | { readonly atMost: number };

/** Two sides that get the same requests. The ratio is what a request costs `theirs`, for each that it costs `ours`. */
export interface Comparison {
  readonly measure: string;
  readonly ours: Side;
  readonly theirs: Side;
  readonly figure: Figure;
  /** What the ratio is to reach. Without one the row is for information. */
  readonly target?: Target;
  /** How long a burst is. Default 0.8. */
  readonly seconds?: number;
  readonly request: MakeRequest;
  /** What both sides must answer, less what differs from answer to answer. */
  readonly answer: {
    readonly status: number;
    readonly body: object;
    readonly headers?: Record<string, string>;
  };
}

/** The comparisons of one subject matter, and what they need while they run. */
export interface Suite {
  readonly title: string;
  /** The packages whose versions count. */
  readonly packages: readonly string[];
  readonly comparisons: readonly Comparison[];
  /** Starts the database of the suite, if it has one. */
  readonly startDatabase?: () => Promise<Database>;
}

export interface Database {
  /** Given to the subjects as their last argument. */
  readonly url: string;
  readonly version: string;
  /** The processes that do its work now. */
  pids(): number[];
  stop(): Promise<void>;
}
