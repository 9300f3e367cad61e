import { describe, expect, it } from 'vitest';
import { exploreSchedules, type Race, type Turn } from './explore-schedules.js';

/** Two who each write their letter so many times, and what they wrote. */
function letters(...times: number[]) {
  return async (): Promise<Race<string>> => {
    let written = '';
    const parties = times.map((count, i) => async (turn: Turn) => {
      for (let n = 0; n < count; n++) {
        await turn();
        written += 'abc'[i];
      }
    });
    return { parties, outcome: async () => written };
  };
}

async function outcomes(begin: () => Promise<Race<string>>, isHeldUp?: (party: number) => Promise<boolean>) {
  const all: string[] = [];
  for await (const { outcome } of exploreSchedules(begin, isHeldUp)) all.push(outcome);
  return all.sort();
}

describe('exploreSchedules', () => {
  it('goes through every order once', async () => {
    expect(await outcomes(letters(2, 2))).toEqual(['aabb', 'abab', 'abba', 'baab', 'baba', 'bbaa']);
    expect(await outcomes(letters(4, 4))).toHaveLength(70);
    expect(await outcomes(letters(2, 2, 2))).toHaveLength(90);
  });

  it('says whose turn it was', async () => {
    const schedules: (readonly number[])[] = [];
    for await (const { schedule } of exploreSchedules(letters(1, 1))) schedules.push(schedule);
    expect(schedules).toEqual([
      [0, 1],
      [1, 0],
    ]);
  });

  it('goes on without one who is held up until the other lets go', async () => {
    let holder: number | undefined;
    let freed = () => {};
    const waiting = new Set<number>();
    const begin = async (): Promise<Race<string>> => {
      let written = '';
      const parties = [0, 1].map((i) => async (turn: Turn) => {
        await turn();
        while (holder !== undefined) {
          waiting.add(i);
          await new Promise<void>((resolve) => {
            freed = resolve;
          });
          waiting.delete(i);
        }
        holder = i;
        written += `+${i}`;
        await turn();
        written += `-${i}`;
        holder = undefined;
        freed();
      });
      return { parties, outcome: async () => written };
    };
    const isHeldUp = async (i: number) => {
      await new Promise(setImmediate);
      return waiting.has(i);
    };
    expect(await outcomes(begin, isHeldUp)).toEqual(['+0-0+1-1', '+0-0+1-1', '+1-1+0-0', '+1-1+0-0']);
  });

  it('rejects when a party does', async () => {
    const begin = async () => ({
      parties: [() => Promise.reject(new Error('broken'))],
      outcome: async () => '',
    });
    await expect(outcomes(begin)).rejects.toThrow('broken');
  });
});
