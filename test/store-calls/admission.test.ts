import { afterAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { Admission, type PendingCall } from '../../src/store-calls/admission.js';

// Before the imports, and without what other files have imported: only then does the module keep to the clock of the test.
vi.hoisted(() => {
  vi.resetModules();
  vi.useFakeTimers();
});
afterAll(() => {
  vi.useRealTimers();
  vi.resetModules();
});

describe('Admission', () => {
  let admission: Admission;
  beforeEach(() => {
    admission = new Admission();
  });

  /** Starts a call with a limit of two, or throws. */
  function start(maxPendingStoreCalls = 2): PendingCall {
    const isProbe = admission.admit({ storeTimeout: 300, maxPendingStoreCalls });
    admission.started();
    return { passed: false, isProbe };
  }

  it('admits calls up to the limit, and one probe over it', () => {
    expect([start(), start(), start()].map(({ isProbe }) => isProbe)).toEqual([false, false, true]);
    expect(() => start()).toThrow('3 calls to the store are pending');
  });

  it('admits another call once one has settled', () => {
    const [first] = [start(), start(), start()];
    expect(start).toThrow();
    admission.settled(first as PendingCall);
    expect(start).toThrow();
    admission.settled(start(4));
    expect(start).toThrow();
  });

  it('counts a call that timed out until it settles', () => {
    const [first, second] = [start(), start()] as [PendingCall, PendingCall];
    admission.timedOut(first);
    admission.timedOut(second);
    expect([first.passed, second.passed]).toEqual([true, true]);
    expect(start().isProbe).toBe(true);
    admission.settled(first);
    admission.settled(second);
    expect(start().isProbe).toBe(false);
  });

  it('admits the next probe when storeTimeout is over, not before', () => {
    start(1);
    expect(start(1).isProbe).toBe(true);
    vi.advanceTimersByTime(299);
    expect(() => start(1)).toThrow('2 calls to the store are pending');
    vi.advanceTimersByTime(1);
    expect(start(1).isProbe).toBe(true);
  });

  it('forgets calls that timed out once a probe has succeeded, also when they settle later', () => {
    const lost = [start(), start()];
    for (const call of lost) admission.timedOut(call);
    const probe = start();
    admission.settled(probe);
    admission.probeSucceeded();
    expect([start(), start()].map(({ isProbe }) => isProbe)).toEqual([false, false]);
    for (const call of lost) admission.settled(call);
    vi.advanceTimersByTime(300);
    expect(start().isProbe).toBe(true);
  });

  it('does not forget calls that still have time', () => {
    start();
    start();
    admission.settled(start());
    admission.probeSucceeded();
    vi.advanceTimersByTime(300);
    expect(start().isProbe).toBe(true);
  });

  it('admits a probe although the clock was set back', () => {
    vi.advanceTimersByTime(10_000);
    start(1);
    start(1);
    vi.useRealTimers();
    vi.useFakeTimers();
    expect(start(1).isProbe).toBe(true);
  });
});
