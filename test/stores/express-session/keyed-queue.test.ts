import { expect, it } from 'vitest';
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

it('goes on after a task that rejects', async () => {
  const enqueue = keyedQueue({});
  const failed = expect(enqueue('key', () => Promise.reject(new Error('failed')))).rejects.toThrow('failed');
  expect(await enqueue('key', async () => 1)).toBe(1);
  await failed;
});
