import { expect, it, onTestFinished } from 'vitest';
import { warnOnce } from '../src/warn-once.js';

it('warnOnce warns once for each code', async () => {
  const warnings: (Error & { code?: string })[] = [];
  const listener = (warning: Error) => void warnings.push(warning);
  process.on('warning', listener);
  onTestFinished(() => void process.off('warning', listener));
  for (const code of ['ONE', 'TWO', 'ONE', 'ONE']) warnOnce(code, `the message of ${code}`);
  await new Promise(setImmediate);
  expect(warnings.map(({ name, code, message }) => [name, code, message])).toEqual([
    ['ExpressSessionInfoWarning', 'ONE', 'the message of ONE'],
    ['ExpressSessionInfoWarning', 'TWO', 'the message of TWO'],
  ]);
});
