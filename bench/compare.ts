import { checkAnswers } from './check-answers.ts';
import type { Comparison, Database, Side, Target } from './comparison.ts';
import { cpuTimeOf } from './cpu-time.ts';
import { load } from './load.ts';
import { type MeasuredServer, startSubject } from './server-process.ts';
import { median, quartiles, type Spread } from './statistics.ts';
import { openSessions, type Visitor } from './visitors.ts';

/** What one side did in one round. Times in µs. */
interface Burst {
  readonly cpu: number;
  readonly databaseCpu: number;
  readonly throughput: number;
  readonly busy: number;
}

/** The medians of one side over all rounds. CPU times in µs a request. */
export interface SideResult {
  readonly name: string;
  readonly requestsPerSecond: number;
  readonly cpu: number;
  readonly databaseCpu?: number;
  /** The share of its core that the server used. */
  readonly busy: number;
}

export interface ComparisonResult {
  readonly measure: string;
  readonly figure: string;
  readonly ratio: number;
  readonly spread: Spread;
  readonly target?: Target;
  readonly rounds: number;
  readonly ours: SideResult;
  readonly theirs: SideResult;
}

/**
 * Runs both sides in processes of their own and loads them in turns, ours first in one round and theirs in the next. The ratio
 * is that of the medians; its spread, the quartiles of the ratios of each round.
 */
export async function compare(
  comparison: Comparison,
  rounds: number,
  database?: Database,
): Promise<ComparisonResult> {
  const sides = await Promise.all([comparison.ours, comparison.theirs].map((side) => open(side, database)));
  const [ours, theirs] = sides as [RunningSide, RunningSide];
  const { seconds = BURST } = comparison;
  try {
    for (const side of sides) await checkAnswers(side.server.url, side.visitors(), comparison);
    for (const side of [...sides, ...sides]) await burst(side, comparison, WARM_UP, database);
    const bursts: [Burst, Burst][] = [];
    for (let round = 0; round < rounds; round++) {
      const isOursFirst = round % 2 === 0;
      const first = await burst(isOursFirst ? ours : theirs, comparison, seconds, database);
      const second = await burst(isOursFirst ? theirs : ours, comparison, seconds, database);
      bursts.push(isOursFirst ? [first, second] : [second, first]);
    }
    for (const side of sides) await checkAnswers(side.server.url, side.visitors(), comparison);
    return result(comparison, bursts, database !== undefined);
  } finally {
    await Promise.all(sides.map(({ server }) => server.stop()));
  }
}

/** Seconds. */
const WARM_UP = 1;
const BURST = 0.8;
const VISITORS = 1000;

interface RunningSide {
  readonly server: MeasuredServer;
  readonly visitors: () => readonly Visitor[];
}

async function open(side: Side, database: Database | undefined): Promise<RunningSide> {
  const args = [...(side.args ?? []), ...(database ? [database.url] : [])];
  const server = await startSubject(side.subject, args, { node: side.node });
  try {
    if (side.visitors) return { server, visitors: side.visitors };
    const visitors = await openSessions(server.url, VISITORS);
    return { server, visitors: () => visitors };
  } catch (error) {
    await server.stop();
    throw error;
  }
}

async function burst(
  { server, visitors }: RunningSide,
  { request }: Comparison,
  seconds: number,
  database: Database | undefined,
): Promise<Burst> {
  const pids = database?.pids() ?? [];
  const databaseBefore = cpuTimeOf(pids);
  const before = await server.cpuTime();
  const done = await load(server.url, visitors(), request, seconds);
  const cpu = (await server.cpuTime()) - before;
  return {
    cpu: cpu / done.requests,
    databaseCpu: (cpuTimeOf(pids) - databaseBefore) / done.requests,
    throughput: done.requests / done.seconds,
    busy: cpu / (done.seconds * 1e6),
  };
}

function result(
  { measure, figure, target, ours, theirs }: Comparison,
  bursts: readonly (readonly [Burst, Burst])[],
  hasDatabase: boolean,
): ComparisonResult {
  const cost = (burst: Burst) => (figure === 'CPU time' ? burst.cpu : 1 / burst.throughput);
  return {
    measure,
    figure,
    ratio: median(bursts.map(([, other]) => cost(other))) / median(bursts.map(([own]) => cost(own))),
    spread: quartiles(bursts.map(([own, other]) => cost(other) / cost(own))),
    ...(target && { target }),
    rounds: bursts.length,
    ours: medians(
      ours.name,
      bursts.map(([own]) => own),
      hasDatabase,
    ),
    theirs: medians(
      theirs.name,
      bursts.map(([, other]) => other),
      hasDatabase,
    ),
  };
}

function medians(name: string, bursts: readonly Burst[], hasDatabase: boolean): SideResult {
  return {
    name,
    requestsPerSecond: median(bursts.map(({ throughput }) => throughput)),
    cpu: median(bursts.map(({ cpu }) => cpu)),
    ...(hasDatabase && { databaseCpu: median(bursts.map(({ databaseCpu }) => databaseCpu)) }),
    busy: median(bursts.map(({ busy }) => busy)),
  };
}
