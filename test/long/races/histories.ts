import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { ASSOCIATION_NAMES, type SessionAssociations } from '../../../src/session-info.js';
import type { SessionStore } from '../../../src/session-store.js';
import { printed } from './interleavings.js';
import { type Call, isLinearizable } from './linearizable.js';

export interface HistoriesChecked {
  readonly histories: number;
  readonly calls: number;
  /** Calls that their client gave up before they were answered. */
  readonly givenUp: number;
  /** Why calls failed. */
  readonly failures: unknown[];
  /** The histories that no store which keeps its promises can have. */
  readonly violations: string[];
}

interface Options {
  readonly seed: number;
  /** How many make calls at the same time. Three or four, unless it is there. */
  readonly clients?: number;
  readonly stopAtFirst?: boolean;
}

/**
 * Has clients make random calls of create, get, update and delete on one or two sessions, each on a store of its own, so
 * many times, and checks each history. A call that fails counts as maybe, and so does one in twelve that its client gives up
 * at once, going on with the next; a single client gives none up.
 */
export async function checkHistories(
  stores: readonly SessionStore[],
  histories: number,
  { seed, clients, stopAtFirst = false }: Options,
): Promise<HistoriesChecked> {
  const random = mulberry32(seed);
  const violations: string[] = [];
  const failures: unknown[] = [];
  let [checked, calls, givenUp] = [0, 0, 0];
  while (checked < histories && !(stopAtFirst && violations.length > 0)) {
    const recorded = await recordHistory(stores, clients ?? (random() < 0.5 ? 3 : 4), random);
    checked++;
    calls += recorded.history.length;
    givenUp += recorded.givenUp;
    failures.push(...recorded.failures);
    if (isLinearizable(recorded.history)) continue;
    violations.push(`seed ${seed}, history ${checked}:\n${printed(recorded.history)}`);
  }
  return { histories: checked, calls, givenUp, failures, violations };
}

const CALLS_EACH = 6;
const CALL_LIMIT = 20_000;

async function recordHistory(stores: readonly SessionStore[], clients: number, random: () => number) {
  const history: Call[] = [];
  const failures: unknown[] = [];
  const givenUp: Promise<unknown>[] = [];
  let clock = 0;
  const ids = random() < 0.6 ? [randomUUID()] : [randomUUID(), randomUUID()];

  async function client(number: number): Promise<void> {
    for (let i = 0; i < CALLS_EACH; i++) {
      const method = pick(METHODS, random);
      const associations = method === 'create' || method === 'update' ? some(`${number}: ${i}`, random) : {};
      const said = { method, sessionId: pick(ids, random), associations, invoked: clock++ };
      const answered = inTime(ask(stores[number % stores.length] as SessionStore, said));
      if (clients > 1 && random() < 1 / 12) {
        history.push(said);
        givenUp.push(answered.catch((error) => failures.push(error)));
        continue;
      }
      try {
        const answer = await answered;
        history.push({ ...said, returned: clock++, answer });
      } catch (error) {
        history.push(said);
        failures.push(error);
      }
    }
  }

  await Promise.all(Array.from({ length: clients }, (_, i) => client(i)));
  await Promise.all(givenUp);
  return { history, givenUp: givenUp.length, failures };
}

const METHODS = [
  'create',
  'create',
  'create',
  'get',
  'peek',
  'update',
  'update',
  'update',
  'update',
  'delete',
] as const;

interface Said extends Pick<Call, 'sessionId' | 'associations'> {
  readonly method: keyof SessionStore;
}

async function ask(store: SessionStore, { method, sessionId, associations = {} }: Said) {
  if (method === 'create') return store.create(sessionId, associations as SessionAssociations);
  if (method === 'update') return store.update(sessionId, associations);
  return store[method](sessionId);
}

function some(value: string, random: () => number): SessionAssociations {
  const names = ASSOCIATION_NAMES.filter(() => random() < 0.5);
  return Object.fromEntries(names.map((name) => [name, value]));
}

async function inTime<Value>(answer: Promise<Value>): Promise<Value> {
  const late = new AbortController();
  const limit = sleep(CALL_LIMIT, undefined, { signal: late.signal }).then(() => {
    throw new Error(`no answer in ${CALL_LIMIT} ms`);
  });
  limit.catch(() => {});
  return Promise.race([answer, limit]).finally(() => late.abort());
}

function pick<Value>(values: readonly Value[], random: () => number): Value {
  return values[Math.floor(random() * values.length)] as Value;
}

/** Numbers from 0 to 1, the same for the same seed: Tommy Ettinger's generator, in the public domain. */
function mulberry32(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
