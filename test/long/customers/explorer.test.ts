import { describe, expect, it } from 'vitest';
import { exploreAll, exploreSome } from './explore-choices.js';
import { runModel } from './model.js';
import { type OpenRedisStore, openRedisStore } from './open-redis-store.js';
import { plantedFaults } from './planted-faults.js';
import {
  everything,
  oneWriterAndReader,
  oneWriterInTime,
  type PickScenario,
  twoWritersAndReader,
} from './scenarios.js';

const LONG = process.env.LONG === '1';
const LIMIT = LONG ? 3_600_000 : 60_000;

/** Tries orders until one breaks a promise. */
async function explore(runs: AsyncIterable<string | undefined>): Promise<{ runs: number; broken?: string }> {
  let count = 0;
  for await (const broken of runs) {
    count++;
    if (broken !== undefined) return { runs: count, broken };
  }
  return { runs: count };
}

function exploreRandomly(open: OpenRedisStore, pick: PickScenario, runs: number) {
  return explore(exploreSome((choose) => runModel(open, pick(choose), choose), { runs, seed: 1 }));
}

describe('the index of the Redis store keeps its promises', () => {
  const families: [string, PickScenario][] = [
    ['one writer, a fault, the passing of time and clocks that differ', oneWriterInTime],
    ['one writer, a reader and a fault', oneWriterAndReader],
    ['two writers and a reader', twoWritersAndReader],
  ];

  it.runIf(LONG).each(families)(
    'in every order of %s',
    async (_, pick) => {
      const { runs, broken } = await explore(
        exploreAll((choose) => runModel(openRedisStore, pick(choose), choose)),
      );
      expect(broken).toBeUndefined();
      expect(runs).toBeGreaterThan(10_000);
    },
    LIMIT,
  );

  it.each([...families, ['all of these', everything] as const])(
    'in random orders of %s',
    async (_, pick) => {
      const runs = LONG ? 200_000 : 1000;
      expect(await exploreRandomly(openRedisStore, pick, runs)).toEqual({ runs });
    },
    LIMIT,
  );
});

describe('the explorer rejects', () => {
  it.each<[keyof typeof plantedFaults, PickScenario]>([
    ['the entry and the session at once, instead of one after the other', twoWritersAndReader],
    ['the session before its entry', twoWritersAndReader],
    ['an entry that stays only for absoluteTimeout', oneWriterInTime],
    ['an entry that stays for the fence, but not for clocks that differ', oneWriterInTime],
    ['no fence: a session is written however late', oneWriterInTime],
    ['a list removes the entries that it can not confirm', twoWritersAndReader],
    ['a list removes the entries that it can not confirm, if their time is the same', twoWritersAndReader],
    ['a delete removes the entry', twoWritersAndReader],
    ['a move removes the entry', twoWritersAndReader],
    ['deleteByCustomer ends what it read, without comparing again', oneWriterAndReader],
    ['deleteByCustomer compares only the customer', oneWriterAndReader],
    ['deleteByCustomer compares only createdAt', oneWriterAndReader],
    ['a list reads the index page by page', twoWritersAndReader],
    ['a list with a limit takes the sessions that were associated last', twoWritersAndReader],
    ['a list with a limit stops without a margin', twoWritersAndReader],
    ['a list leaves out the sessions that it failed to read', oneWriterAndReader],
    ['a list has every session of the index', oneWriterAndReader],
  ])('%s', async (fault, pick) => {
    const { broken } = await exploreRandomly(plantedFaults[fault], pick, 20_000);
    expect(broken).toBeDefined();
  });
});
