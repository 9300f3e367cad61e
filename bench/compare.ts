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
  const starts: Cost[][] = [];
  for (let start = 0; start < effort.starts; start++) {
    starts.push(await runOnce(comparison, effort.rounds, surroundings));
  }
  return comparison.sides.map((side, i) => rowOf(comparison.request, side, i, starts, surroundings));
}

/**
 * Starts all sides and lets them take turns, another one first in each round. Returns for each side its cheapest round: what neighbours
 * of a virtual machine do only adds.
 */
async function runOnce(
  { route, sides }: Comparison,
  rounds: number,
  { database, overSockets = false }: Surroundings,
): Promise<Cost[]> {
  const handles: SubjectHandle[] = [];
  try {
    for (const { subject, argument = database?.url, node } of sides) {
      const core = overSockets ? '0' : database?.core;
      handles.push(await startSubject({ subject, route, argument, node, core }));
    }
    const runs = await Promise.all(handles.map((handle) => batches(handle, route, database, overSockets)));
    for (const run of runs) await run(WARM_UP);
    const costs = runs.map((): Cost[] => []);
    for (let round = 0; round < rounds; round++) {
      for (let turn = 0; turn < runs.length; turn++) {
        const i = (round + turn) % runs.length;
        costs[i]?.push(await (runs[i] as (typeof runs)[0])(BATCH));
      }
    }
    for (const handle of handles) await handle.check();
    return costs.map((side) => side.reduce((least, cost) => (total(cost) < total(least) ? cost : least)));
  } finally {
    for (const handle of handles) await handle.stop();
  }
}

const WARM_UP = 30_000;
/** So many that each batch has its share of garbage collections. */
const BATCH = 4000;

function rowOf(
  request: string,
  side: Side,
  i: number,
  starts: readonly Cost[][],
  { database, overSockets }: Surroundings,
): Row {
  const medianOf = (value: (cost: Cost) => number) => median(starts.map((costs) => value(costs[i] as Cost)));
  const cpu = medianOf((cost) => cost.cpu);
  const ratios = starts.map((costs) => total(costs[i] as Cost) / total(costs[0] as Cost));
  const ratio = median(ratios);
  return {
    request,
    side: side.name,
    cpu: rounded(cpu, 1),
    ...(database && {
      databaseCpu: rounded(
        medianOf((cost) => cost.databaseCpu),
        1,
      ),
      total: rounded(medianOf(total), 1),
    }),
    ...(overSockets && { perSecond: Math.round(1e6 / medianOf((cost) => cost.elapsed)) }),
    ...(i > 0 && {
      ratio: rounded(ratio, 2),
      lowest: rounded(Math.min(...ratios), 2),
      highest: rounded(Math.max(...ratios), 2),
    }),
    ...(side.further !== undefined && { further: rounded((cpu - cpu / ratio) / side.further, 2) }),
    ...verdict(side, ratio),
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
