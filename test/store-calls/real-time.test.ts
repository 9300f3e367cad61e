import { mock } from 'node:test';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { monotonicNow, startTimer, stopTimer } from '../../src/store-calls/real-time.js';

const load = async () => {
  vi.resetModules();
  return import('../../src/store-calls/real-time.js');
};

afterEach(() => {
  vi.useRealTimers();
  mock.timers.reset();
  vi.resetModules();
});

const FAKES: [string, { use: () => void; stop: () => void }][] = [
  ['Vitest, Jest and sinon', { use: () => vi.useFakeTimers(), stop: () => vi.useRealTimers() }],
  ['node:test', { use: () => mock.timers.enable(), stop: () => mock.timers.reset() }],
];

describe.each(FAKES)('timers that are faked by %s', (_, { use, stop }) => {
  it('are not used', async () => {
    use();
    const before = monotonicNow();
    await new Promise<void>((resolve) => startTimer(resolve, 20));
    expect(monotonicNow() - before).toBeGreaterThan(15);
  });

  it('are used if they were fake when the package was loaded, and no longer than they are', async () => {
    use();
    const fake = await load();
    const ran: string[] = [];
    fake.startTimer(() => ran.push('fake'), 60_000);
    fake.stopTimer(fake.startTimer(() => ran.push('stopped'), 60_000));
    if (vi.isFakeTimers()) vi.advanceTimersByTime(60_000);
    else mock.timers.tick(60_000);
    expect(ran).toEqual(['fake']);
    stop();
    await new Promise<void>((resolve) => fake.startTimer(resolve, 1));
  });
});

describe('startTimer', () => {
  it('starts a timer that can be stopped', async () => {
    let runs = 0;
    stopTimer(startTimer(() => runs++, 1));
    await new Promise<void>((resolve) => startTimer(resolve, 20));
    expect(runs).toBe(0);
  });
});
