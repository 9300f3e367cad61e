import { execFile } from 'node:child_process';
import { createRequire } from 'node:module';
import { mock } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { endOfTurn } from '../../../src/stores/postgres/end-of-turn.js';

type FakeTimers = { install(): { uninstall(): void } };
const fakeTimers = createRequire(import.meta.url)('@sinonjs/fake-timers') as FakeTimers;

it('comes after the other callbacks of the turn, not just after the promises', async () => {
  const order: string[] = [];
  await new Promise<void>((resolve) => {
    setImmediate(() => {
      endOfTurn().then(() => {
        order.push('end of turn');
        resolve();
      });
    });
    setImmediate(() => order.push('another callback'));
  });
  expect(order).toEqual(['another callback', 'end of turn']);
});

it('comes for each that waits, again and again', async () => {
  for (let i = 0; i < 3; i++) await Promise.all([endOfTurn(), endOfTurn()]);
});

it('lets the event loop go on, however often it is waited for', async () => {
  let hasGoneOn = false;
  setImmediate(() => {
    hasGoneOn = true;
  });
  for (let i = 0; i < 10; i++) await endOfTurn();
  expect(hasGoneOn).toBe(true);
});

it('keeps the process alive while somebody waits, and no longer', async () => {
  const module = fileURLToPath(new URL('../../../src/stores/postgres/end-of-turn.ts', import.meta.url));
  const script = `import(${JSON.stringify(module)}).then(async ({ endOfTurn }) => { await endOfTurn(); console.log('came'); });`;
  const args = ['--import', 'tsx', '-e', script];
  const env = { ...process.env, NODE_OPTIONS: '' };
  const { stdout } = await promisify(execFile)(process.execPath, args, { env, timeout: 30_000 });
  expect(stdout.trim()).toBe('came');
});

it('keeps no module in memory, nor what a test runner has loaded with it', async () => {
  setFlagsFromString('--expose-gc');
  const collectGarbage = runInNewContext('gc') as () => void;
  const loaded: WeakRef<object>[] = [];
  for (let i = 0; i < 10; i++) {
    vi.resetModules();
    const module = await import('../../../src/stores/postgres/end-of-turn.js');
    await module.endOfTurn();
    loaded.push(new WeakRef(module.endOfTurn));
  }
  vi.resetModules();
  await new Promise(setImmediate);
  collectGarbage();
  expect(loaded.filter((ref) => ref.deref()).length).toBeLessThan(5);
});

describe('with fake timers', () => {
  const kinds: [string, () => () => void][] = [
    ['Vitest', installVitest],
    ['Jest and sinon', installSinon],
    ['node:test', installNode],
  ];
  let restore = () => {};
  afterEach(() => restore());

  it.each(kinds)('comes while they are on, and after them: %s', async (_, install) => {
    restore = install();
    await endOfTurn();
    const begun = endOfTurn();
    restore();
    await begun;
    await endOfTurn();
  });

  it.each(kinds)('comes in a module that was loaded while they were on: %s', async (_, install) => {
    vi.resetModules();
    restore = install();
    const loaded = await import('../../../src/stores/postgres/end-of-turn.js');
    expect(loaded.endOfTurn).not.toBe(endOfTurn);
    await loaded.endOfTurn();
    restore();
    await loaded.endOfTurn();
  });
});

function installVitest() {
  vi.useFakeTimers();
  return () => void vi.useRealTimers();
}

/** All that they fake by default, `process.nextTick` and `queueMicrotask` too. */
function installSinon() {
  const clock = fakeTimers.install();
  return () => clock.uninstall();
}

function installNode() {
  mock.timers.enable();
  return () => mock.timers.reset();
}
