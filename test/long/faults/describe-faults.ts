import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { worthWith } from '../../servers/needs.js';
import { START_LIMIT } from '../../servers/server-process.js';
import { type AppProcess, startApps } from './app-process.js';
import { expectPromisesKept } from './expect-outcome.js';
import { recordOutcomes } from './figures.js';
import { FAULT_LIMIT, STORE_TIMEOUT } from './long.js';
import { type Fault, type Outcome, RATES, runFault } from './run-fault.js';
import type { StoreSetting } from './stores-by-name.js';

/** Faults that come one after the other to apps of their own. Lanes run at the same time, so each has a server of its own. */
export interface Lane {
  readonly name: string;
  readonly faults: readonly Fault[];
  start(): Promise<void>;
  /** Also called when `start` failed. */
  stop(): Promise<void>;
  /** The stores that live through the faults, each at every rate. Asked when all has started. */
  settings(): readonly StoreSetting[];
  /** What not every machine has, and whether this one does. Where it has not, another lane shows the same. */
  readonly worthWith?: readonly [means: string, areThere: boolean];
}

/**
 * A test for each fault of each lane. The lanes begin before the first test, since they mostly wait; a test waits for its
 * fault and judges what came of it.
 */
export function describeFaults(lanes: readonly Lane[]): void {
  const running: LaneRun[] = [];
  for (const lane of lanes) {
    const describeLane = lane.worthWith ? worthWith(...lane.worthWith) : describe;
    describeLane(lane.name, () => {
      const limit = START_LIMIT + FAULT_LIMIT * lane.faults.length;
      it.each(lane.faults)('the package keeps its promises: $name', { timeout: limit }, async (fault) => {
        const outcomes = await running.find((run) => run.lane === lane)?.came.get(fault);
        expect(outcomes).not.toHaveLength(0);
        expectPromisesKept(outcomes ?? [], fault);
      });
    });
  }
  beforeAll(() => {
    for (const lane of lanes) if (lane.worthWith?.[1] !== false) running.push(runLane(lane));
  });
  afterAll(async () => {
    await Promise.all(running.map(({ ended }) => ended));
    const came = await Promise.allSettled(running.flatMap((run) => [...run.came.values()]));
    recordOutcomes(came.flatMap((one) => (one.status === 'fulfilled' ? one.value : [])));
  }, START_LIMIT);
}

interface LaneRun {
  readonly lane: Lane;
  readonly came: ReadonlyMap<Fault, Promise<Outcome[]>>;
  readonly ended: Promise<void>;
}

function runLane(lane: Lane): LaneRun {
  const apps = startLane(lane);
  const came = new Map<Fault, Promise<Outcome[]>>();
  let last: Promise<unknown> = apps;
  for (const fault of lane.faults) {
    const before = last;
    const outcomes = (async () => {
      await before.catch(() => {});
      return runFault(fault, (await apps).apps);
    })();
    came.set(fault, outcomes);
    last = outcomes;
  }
  async function end(): Promise<void> {
    await last.catch(() => {});
    await apps.then((running) => running.kill()).catch(() => {});
    await lane.stop();
  }
  return { lane, came, ended: end() };
}

async function startLane(lane: Lane): Promise<AppProcess> {
  await lane.start();
  return startApps(
    lane
      .settings()
      .flatMap((setting) => RATES.map((rate) => ({ ...setting, rate, storeTimeout: STORE_TIMEOUT }))),
  );
}
