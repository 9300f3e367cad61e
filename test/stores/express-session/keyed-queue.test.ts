import { expect, it, vi } from 'vitest';
import { keyedQueue } from '../../../src/stores/express-session/keyed-queue.js';

it('runs the tasks of one key one after another, whichever queue of the owner they are given to', async () => {
  const owner = {};
  const events: string[] = [];
  const task = (name: string) => async () => {
    events.push(`${name} begins`);
    await new Promise(setImmediate);
    events.push(`${name} ends`);
    return name;
  };
  const results = ['a', 'b', 'c'].map((name) => keyedQueue(owner)('key', task(name)));
  expect(await Promise.all(results)).toEqual(['a', 'b', 'c']);
  expect(events).toEqual(['a', 'b', 'c'].flatMap((name) => [`${name} begins`, `${name} ends`]));
});

it('lets another key, and another owner, go on', async () => {
  const owner = {};
  const hung = () => new Promise<never>(() => {});
  void keyedQueue(owner)('key', hung);
  expect(await keyedQueue(owner)('another', async () => 1)).toBe(1);
  expect(await keyedQueue({})('key', async () => 2)).toBe(2);
});

it('is one for both builds', async () => {
  vi.resetModules();
  const other = await import('../../../src/stores/express-session/keyed-queue.js');
  expect(other.keyedQueue).not.toBe(keyedQueue);
  const owner = {};
  const order: string[] = [];
  const first = keyedQueue(owner)('key', async () => {
    await new Promise(setImmediate);
    order.push('first');
  });
  await other.keyedQueue(owner)('key', async () => void order.push('second'));
  await first;
  expect(order).toEqual(['first', 'second']);
});

it('goes on after a task that rejects', async () => {
  const enqueue = keyedQueue({});
  const failed = expect(enqueue('key', () => Promise.reject(new Error('failed')))).rejects.toThrow('failed');
  expect(await enqueue('key', async () => 1)).toBe(1);
  await failed;
});

it('rejects when 250 tasks of a key wait for one that does not end, and goes on once it has', async () => {
  const enqueue = keyedQueue({});
  let end = () => {};
  const first = enqueue('key', () => new Promise<void>((resolve) => (end = resolve)));
  const task = vi.fn(async () => 1);
  const waiting = Array.from({ length: 249 }, () => enqueue('key', task));
  await expect(enqueue('key', task)).rejects.toThrow('250 calls for one session are waiting');
  expect(await enqueue('another', task)).toBe(1);
  end();
  await Promise.all([first, ...waiting]);
  expect(await enqueue('key', task)).toBe(1);
  expect(task).toHaveBeenCalledTimes(1 + 249 + 1);
});
