import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { createMemoryStore } from '../../../src/stores/memory.js';

const DAY = 86_400_000;
const HOUR = 3_600_000;

describe("when the system's clock is set", () => {
  /** The store of a process whose clock can be set: what it takes for the real `Date.now` shows `clock.step` more. */
  async function onSettableClock() {
    const { now } = Date;
    const clock = { step: 0 };
    Date.now = () => now() + clock.step;
    onTestFinished(() => void Object.assign(Date, { now }));
    vi.resetModules();
    const { createMemoryStore } = await import('../../../src/stores/memory.js');
    return { createMemoryStore, clock };
  }

  it.each([DAY, -DAY])('by %d ms, a session goes on, and ends in its time', async (step) => {
    const { createMemoryStore, clock } = await onSettableClock();
    const store = createMemoryStore({ idleTimeout: 300, absoluteTimeout: HOUR });
    const created = await store.create('s', { customerId: 'c' });
    clock.step = step;
    expect(store.get('s')).toEqual(created);
    expect(store.listByCustomer('c')).toEqual([created]);
    await sleep(350);
    expect(store.get('s')).toBeUndefined();
  });

  it.each([DAY, -DAY])('by %d ms, absoluteTimeout stays', async (step) => {
    const { createMemoryStore, clock } = await onSettableClock();
    const store = createMemoryStore({ absoluteTimeout: 300 });
    store.create('s', {});
    clock.step = step;
    expect(store.update('s', {})).toBeDefined();
    await sleep(350);
    expect(store.get('s')).toBeUndefined();
  });

  it('the times of a session are by the new time', async () => {
    const { createMemoryStore, clock } = await onSettableClock();
    const store = createMemoryStore();
    const created = await store.create('s', {});
    clock.step = DAY;
    const updated = await store.update('s', {});
    expect(updated?.createdAt).toBe(created?.createdAt);
    expect(Math.abs(Date.parse(`${updated?.updatedAt}`) - Date.now())).toBeLessThan(10_000);
  });
});

describe('under fake timers', () => {
  it.each([
    ['of everything', {}],
    ['of Date alone', { toFake: ['Date'] }],
  ] as const)('%s, a session ends when they are advanced', (_, options) => {
    const store = createMemoryStore({ idleTimeout: HOUR });
    store.create('s', {});
    vi.useFakeTimers(options as object);
    onTestFinished(() => void vi.useRealTimers());
    vi.advanceTimersByTime(HOUR / 2);
    expect(store.get('s')).toBeDefined();
    vi.advanceTimersByTime(HOUR - 1);
    expect(store.get('s')).toBeDefined();
    vi.advanceTimersByTime(HOUR);
    expect(store.get('s')).toBeUndefined();
  });

  it.each([0, Date.parse('2100-01-01')])(
    'from %d on, sessions of before and after end in their time',
    async (now) => {
      const store = createMemoryStore({ idleTimeout: 200 });
      vi.useFakeTimers({ now });
      onTestFinished(() => void vi.useRealTimers());
      const created = await store.create('fake', {});
      expect(created?.createdAt).toBe(new Date(now).toISOString());
      vi.useRealTimers();
      expect(store.create('real', {})).toBeDefined();
      await sleep(250);
      expect(store.get('real')).toBeUndefined();
    },
  );
});
