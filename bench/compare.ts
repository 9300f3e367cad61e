import { batches } from './batches.ts';
import type { Database } from './databases.ts';
import type { Row } from './results.ts';
import type { RouteName } from './routes.ts';
import { median, rounded } from './statistics.ts';
import { type SubjectHandle, startSubject } from './subject-handle.ts';

/** One side of a comparison. */
export interface Side {
  readonly name: string;
  /** `FILE.EXPORT` below subjects/. */
  readonly subject: string;
  readonly argument?: string;
  /** The major of Node that runs it. Default: the Node of the command. */
  readonly node?: string;
  /** What the ratio is to reach. */
  readonly target?: { readonly atLeast: number } | { readonly atMost: number };
  /** How many further middlewares it has, of which each one's cost is to be told. */
  readonly further?: number;
}

/** Sides that get the same requests. The first is ours; a ratio is what another costs, for each that ours costs. */
export interface Comparison {
  readonly request: string;
  readonly route: RouteName;
  readonly sides: readonly [Side, ...Side[]];
}

export interface Effort {
  /** How many times each side is started anew, as no two processes compile the same code alike. */
  readonly starts: number;
  /** How often all sides take their turn in each of them. */
  readonly rounds: number;
}

/** What the sides need beyond themselves. */
export interface Surroundings {
  readonly database?: Database | undefined;
  /** Over sockets of the loopback interface, and not in memory. */
  readonly overSockets?: boolean | undefined;
}

/** What one request took, in µs. */
export interface Cost {
  readonly cpu: number;
  readonly databaseCpu: number;
  /** By the clock. */
  readonly elapsed: number;
}

/** Rows of results: what a request costs each side, and the ratio to ours with the lowest and highest of all starts. */
export async function compare(
  comparison: Comparison,
  effort: Effort,
  surroundings: Surroundings,
): Promise<Row[]> {
  const starts: Cost[][][] = [];
  for (let start = 0; start < effort.starts; start++) {
    starts.push(await runOnce(comparison, effort.rounds, surroundings));
  }
  return comparison.sides.map((side, i) => rowOf(comparison.request, side, i, starts, surroundings));
}

/** Starts all sides and lets them take turns, another one first in each round. Returns the costs of the sides, by round. */
async function runOnce(
  { route, sides }: Comparison,
  rounds: number,
  { database, overSockets = false }: Surroundings,
): Promise<Cost[][]> {
  const handles: SubjectHandle[] = [];
  try {
    for (const { subject, argument = database?.url, node } of sides) {
      const core = overSockets ? '0' : database?.core;
      handles.push(await startSubject({ subject, route, argument, node, core }));
    }
    const runs = await Promise.all(handles.map((handle) => batches(handle, route, database, overSockets)));
    for (const run of runs) await run(WARM_UP);
    const costs: Cost[][] = [];
    for (let n = 0; n < rounds; n++) {
      const round: Cost[] = [];
      for (let turn = 0; turn < runs.length; turn++) {
        const i = (n + turn) % runs.length;
        round[i] = await (runs[i] as (typeof runs)[0])(BATCH);
      }
      costs.push(round);
    }
    for (const handle of handles) await handle.check();
    return costs;
  } finally {
    for (const handle of handles) await handle.stop();
  }
}

const WARM_UP = 20_000;
const BATCH = 1000;

function rowOf(
  request: string,
  side: Side,
  i: number,
  starts: readonly Cost[][][],
  { database, overSockets }: Surroundings,
): Row {
  const medianOf = (value: (own: Cost, ours: Cost) => number) =>
    starts.map((rounds) => median(rounds.map((round) => value(round[i] as Cost, round[0] as Cost))));
  const cpu = median(medianOf((cost) => cost.cpu));
  const ratios = medianOf((own, ours) => total(own) / total(ours));
  return {
    request,
    side: side.name,
    cpu: rounded(cpu, 1),
    ...(database && {
      databaseCpu: rounded(median(medianOf((cost) => cost.databaseCpu)), 1),
      total: rounded(median(medianOf(total)), 1),
    }),
    ...(overSockets && { perSecond: Math.round(1e6 / median(medianOf((cost) => cost.elapsed))) }),
    ...(i > 0 && {
      ratio: rounded(median(ratios), 2),
      lowest: rounded(Math.min(...ratios), 2),
      highest: rounded(Math.max(...ratios), 2),
    }),
    ...(side.further !== undefined && {
      further: rounded((cpu - cpu / median(ratios)) / side.further, 2),
    }),
    ...verdict(side, median(ratios)),
  };
}

function total({ cpu, databaseCpu }: Cost): number {
  return cpu + databaseCpu;
}

function verdict({ target }: Side, ratio: number): Row {
  if (!target) return {};
  return 'atLeast' in target
    ? { target: `≥ ${target.atLeast}`, reached: ratio >= target.atLeast ? 'yes' : 'no' }
    : { target: `≤ ${target.atMost}`, reached: ratio <= target.atMost ? 'yes' : 'no' };
}
