import { expect, it, onTestFinished, vi } from 'vitest';
import { oncePerProcess, warnOnce } from '../src/once-per-process.js';

it('warnOnce emits one process warning for each code', async () => {
  const warnings: (Error & { code?: string })[] = [];
  const warned = (warning: Error) => void warnings.push(warning);
  process.on('warning', warned);
  onTestFinished(() => void process.off('warning', warned));
  for (const code of ['A_CODE', 'A_CODE', 'ANOTHER_CODE']) warnOnce(code, `what to do about ${code}`);
  vi.resetModules();
  const otherBuild = await import('../src/once-per-process.js');
  otherBuild.warnOnce('A_CODE', 'what to do about it');
  await new Promise(setImmediate);
  expect(warnings.map(({ name, code, message }) => [name, code, message])).toEqual([
    ['ExpressSessionInfoWarning', 'A_CODE', 'what to do about A_CODE'],
    ['ExpressSessionInfoWarning', 'ANOTHER_CODE', 'what to do about ANOTHER_CODE'],
  ]);
});

it('oncePerProcess creates a value once, for both builds', async () => {
  const first = oncePerProcess('a-test.1', () => ['the first']);
  vi.resetModules();
  const other = await import('../src/once-per-process.js');
  expect(other.oncePerProcess).not.toBe(oncePerProcess);
  expect(other.oncePerProcess('a-test.1', () => ['another'])).toBe(first);
  expect(other.oncePerProcess('a-test.2', () => ['another'])).toEqual(['another']);
});
