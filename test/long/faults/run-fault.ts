import { setTimeout as sleep } from 'node:timers/promises';
import type { App } from './app-process.js';
import { type Answer, countLost, type Load, startLoad } from './load.js';
import { FAULT_DURATION } from './long.js';
import { type StallClock, stalledWithin, watchStalls } from './stalls.js';

/** Something that goes wrong with a store, and how it comes and goes. */
export interface Fault {
  readonly name: string;
  /** Resolves when it has gone wrong. */
  begin(apps: readonly App[]): Promise<void> | void;
  /** Resolves when the store could answer again, as it says to others than the app. Also called when a test is cut short. */
  end(apps: readonly App[]): Promise<void> | void;
  /** What the clients must have thrown at least once, as `errorName` says it: that the fault was the one meant. */
  readonly seen?: RegExp;
  /** The store blocks its process, so what the app stands still is no excuse for a late answer. */
  readonly blocks?: boolean;
  /** How long after its end all must be good again, in ms. Default 2000. */
  readonly goodWithin?: number;
  /** How long it lasts, in ms; 0 when its end is not to be waited for. Default FAULT_DURATION. */
  readonly lasts?: number;
  /** What was acknowledged may be lost. */
  readonly mayLose?: boolean;
  /** The requests may all be answered right, as when the store is only slow. */
  readonly harmless?: boolean;
}

/** What came of a fault for an app under a load. */
export interface Outcome {
  readonly fault: string;
  readonly store: string;
  readonly rate: number;
  /** How many answers there were from its beginning until its end, and how many of them were right. */
  readonly answers: number;
  readonly right: number;
  /** How many ms after `storeTimeout` the latest answer came. */
  readonly latest: number;
  /** The same, where from each answer is taken how long the app's event loop and the test's stood still meanwhile. */
  readonly latestUnexcused: number;
  readonly hung: number;
  /** Statuses that are neither 503 nor right, with the request. */
  readonly others: readonly string[];
  readonly unhandled: readonly string[];
  /** How many ms after its end the last request was sent that was not answered right. */
  readonly goodAfter: number;
  /** How many sessions were acknowledged, before the fault, during it and after. */
  readonly acknowledged: number;
  readonly lost: number;
  /** What the store threw. */
  readonly errors: Readonly<Record<string, number>>;
}

export const RATES = [1, 50];

/** How long after the end of a fault to wait until all is good. */
const PATIENCE = 6000;

/** Lets a fault come and go while each app is under its load. */
export async function runFault(fault: Fault, apps: readonly App[]): Promise<Outcome[]> {
  const stalls = watchStalls();
  // What lies before this fault is not part of it.
  await Promise.all(apps.map((app) => app.report()));
  const loads = await Promise.all(
    apps.map(({ url, setting }) => startLoad(url, setting.rate, SESSIONS_BEFORE)),
  );
  try {
    const from = Date.now();
    try {
      await fault.begin(apps);
      await sleep(fault.lasts ?? FAULT_DURATION);
    } finally {
      await fault.end(apps);
    }
    const until = Date.now();
    await waitFor(
      () => loads.every((load) => isGood(load, until, fault)),
      (fault.goodWithin ?? 0) + PATIENCE,
    );
    await Promise.all(loads.map((load) => load.stop()));
    return await Promise.all(
      apps.map((app, i) => judge({ fault, from, until, app, load: loads[i] as Load, stalls })),
    );
  } finally {
    stalls.stop();
    await Promise.all(loads.map((load) => load.stop()));
  }
}

/** How many sessions an app has when its fault begins, to update and to read. */
const SESSIONS_BEFORE = 10;

interface Lived {
  readonly fault: Fault;
  readonly from: number;
  readonly until: number;
  readonly app: App;
  readonly load: Load;
  readonly stalls: StallClock;
}

async function judge({ fault, from, until, app, load, stalls }: Lived): Promise<Outcome> {
  const { errors, unhandled, stalls: ofApp } = await app.report();
  const { storeTimeout, store, rate } = app.setting;
  const all = load.answers.filter(({ sentAt }) => sentAt >= from);
  // Of a fault that ends at once, what it does comes after it.
  const during = fault.lasts === 0 ? all : all.filter(({ sentAt }) => sentAt < until);
  const bad = all.filter((answer) => !isFine(answer, fault));
  const late = ({ ms }: Answer) => ms - storeTimeout;
  const stalled = ({ sentAt, ms }: Answer) =>
    stalls.within(sentAt, sentAt + ms) + (fault.blocks ? 0 : stalledWithin(ofApp, sentAt, sentAt + ms));
  return {
    fault: fault.name,
    store,
    rate,
    answers: during.length,
    right: during.filter(({ right }) => right).length,
    latest: Math.round(Math.max(0, ...all.map(late))),
    latestUnexcused: Math.round(Math.max(0, ...all.map((answer) => late(answer) - stalled(answer)))),
    hung: all.filter(({ status }) => status === 'hung').length,
    others: bad.filter(({ status }) => status !== 503 && status !== 'hung').map(describeAnswer),
    unhandled,
    goodAfter: Math.max(0, ...bad.map(({ sentAt }) => sentAt - until)),
    acknowledged: load.ledger.entries.length,
    lost: await countLost(app.url, load.ledger),
    errors,
  };
}

function describeAnswer({ asked, status, ms }: Answer): string {
  return `${asked}: ${status} after ${Math.round(ms)} ms`;
}

function isFine({ right, lost }: Answer, { mayLose }: Fault): boolean {
  return right || (lost === true && mayLose === true);
}

/** Whether its last requests were all answered right: at least two, and all of the last second. */
function isGood({ answers, rate }: Load, since: number, fault: Fault): boolean {
  const last = answers.filter(({ sentAt }) => sentAt >= since).slice(-Math.max(2, rate));
  return last.length >= Math.max(2, rate) && last.every((answer) => isFine(answer, fault));
}

async function waitFor(condition: () => boolean, limit: number): Promise<void> {
  for (const end = Date.now() + limit; !condition() && Date.now() < end; ) await sleep(20);
}
