import { expect, it } from 'vitest';
import { coalesceReads } from '../../../src/stores/postgres/coalesced-reads.js';

function recording(answer: (keys: readonly string[]) => ReadonlyMap<string, string>) {
  const asked: string[][] = [];
  const read = coalesceReads(async (keys) => {
    asked.push([...keys]);
    return answer([...keys]);
  });
  return { asked, read };
}

const echo = (keys: readonly string[]) => new Map(keys.map((key) => [key, `value of ${key}`]));

it('asks once for the reads of one turn, each key once, and answers each its own', async () => {
  const { asked, read } = recording((keys) => echo(keys.filter((key) => key !== 'missing')));
  const values = Promise.all([read('a'), read('b'), read('missing'), read('a')]);
  expect(await values).toEqual(['value of a', 'value of b', undefined, 'value of a']);
  expect(asked).toEqual([['a', 'b', 'missing']]);
});

it('asks again for a read that comes while the last ones are on their way', async () => {
  const asked: string[] = [];
  const release: (() => void)[] = [];
  const read = coalesceReads(async (keys) => {
    asked.push([...keys].join());
    await new Promise<void>((resolve) => release.push(resolve));
    return echo([...keys]);
  });
  const first = read('a');
  await expect.poll(() => asked).toEqual(['a']);
  const second = read('a');
  await expect.poll(() => asked).toEqual(['a', 'a']);
  for (const go of release) go();
  expect(await Promise.all([first, second])).toEqual(['value of a', 'value of a']);
});

it('fails each read of a turn with what it failed with, thrown or rejected, and no later one', async () => {
  let failures = 2;
  const read = coalesceReads((keys) => {
    failures--;
    if (failures === 1) throw new Error('down');
    if (failures === 0) return Promise.reject(new Error('still down'));
    return Promise.resolve(echo([...keys]));
  });
  const outcomes = (settled: PromiseSettledResult<unknown>[]) =>
    settled.map((one) => (one.status === 'rejected' ? one.reason.message : one.value));
  expect(outcomes(await Promise.allSettled([read('a'), read('b')]))).toEqual(['down', 'down']);
  expect(outcomes(await Promise.allSettled([read('a')]))).toEqual(['still down']);
  expect(await read('a')).toBe('value of a');
});
