import { AsyncLocalStorage } from 'node:async_hooks';
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

it('reads once for all of one turn, each key once, and returns to each its own value', async () => {
  const { asked, read } = recording((keys) => echo(keys.filter((key) => key !== 'missing')));
  const values = Promise.all([read('a'), read('b'), read('missing'), read('a')]);
  expect(await values).toEqual(['value of a', 'value of b', undefined, 'value of a']);
  expect(asked).toEqual([['a', 'b', 'missing']]);
});

it('reads again for what comes while the last reads are in flight', async () => {
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

it('fails each read of a turn with the same error, thrown or rejected, and no later one', async () => {
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

it('reads in the async context in which it was created, and returns to each reader in its own', async () => {
  const context = new AsyncLocalStorage<string>();
  const seen: unknown[] = [];
  const read = context.run('created', () =>
    coalesceReads(async (keys) => {
      seen.push(context.getStore());
      await Promise.resolve();
      seen.push(context.getStore());
      return echo([...keys]);
    }),
  );
  async function readIn(name: string) {
    await read(name);
    return context.getStore();
  }
  const readers = ['red', 'blue'].map((name) => context.run(name, readIn, name));
  expect(await Promise.all(readers)).toEqual(['red', 'blue']);
  expect(seen).toEqual(['created', 'created']);
});
