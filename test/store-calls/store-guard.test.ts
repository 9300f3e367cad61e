import diagnostics from 'node:diagnostics_channel';
import { format, stripVTControlCharacters } from 'node:util';
import debug from 'debug';
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { createMemoryStore } from '../../src/index.js';
import type { SessionInfo } from '../../src/session-info.js';
import type { SessionStore } from '../../src/session-store.js';
import {
  createStoreGuard,
  isStoreUnavailable,
  StoreUnavailableError,
} from '../../src/store-calls/store-guard.js';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

type Resolve = (info: SessionInfo | undefined) => void;

/** A store whose reads wait until the test settles them. */
function slowStore() {
  const memory = createMemoryStore();
  const waiting: { resolve: Resolve; reject: (error: unknown) => void }[] = [];
  const store: SessionStore = {
    ...memory,
    get: () => new Promise((resolve, reject) => waiting.push({ resolve, reject })),
  };
  return { store, waiting };
}

const failure = async (response: unknown) => {
  const error = await Promise.resolve(response).then(
    () => undefined,
    (reason) => reason,
  );
  expect(error).toBeInstanceOf(StoreUnavailableError);
  return (error as StoreUnavailableError).cause as Error;
};

describe('createStoreGuard', () => {
  it('answers at once when the store does, and sets no timer', () => {
    const guard = createStoreGuard(createMemoryStore());
    const created = guard.run((store) => store.create('a', { customerId: 'c' }));
    expect(created).toMatchObject({ sessionId: 'a', customerId: 'c' });
    expect(vi.getTimerCount()).toBe(0);
  });

  it('clears its timer when the store settles', async () => {
    const { store, waiting } = slowStore();
    const guard = createStoreGuard(store);
    const [good, bad] = [guard.run((s) => s.get('a')), guard.run((s) => s.get('b'))];
    expect(vi.getTimerCount()).toBe(2);
    waiting[0]?.resolve(undefined);
    waiting[1]?.reject(new Error('gone'));
    expect(await good).toBeUndefined();
    expect((await failure(bad)).message).toBe('gone');
    expect(vi.getTimerCount()).toBe(0);
  });

  it('rejects after storeTimeout, not before', async () => {
    const guard = createStoreGuard(slowStore().store, { storeTimeout: 300 });
    const settled = vi.fn();
    const response = guard.run((s) => s.get('a'));
    (answer as Promise<unknown>).then(settled, settled);
    await vi.advanceTimersByTimeAsync(299);
    expect(settled).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(1);
    expect((await failure(response)).message).toBe('the store did not answer within 300 ms');
  });

  it('takes no answer after the deadline, and no unhandled rejection comes of it', async () => {
    const { store, waiting } = slowStore();
    const guard = createStoreGuard(store, { storeTimeout: 300 });
    const responses = [guard.run((s) => s.get('a')), guard.run((s) => s.get('b'))];
    const failures = Promise.all(responses.map(failure));
    await vi.advanceTimersByTimeAsync(300);
    waiting[0]?.resolve(undefined);
    waiting[1]?.reject(new Error('late'));
    for (const { message } of await failures) expect(message).toMatch(/did not answer/);
  });

  it('tells an operation of several calls that its time is over', async () => {
    const guard = createStoreGuard(slowStore().store, { storeTimeout: 300 });
    let passed: () => boolean = () => false;
    const response = guard.run((_, deadline) => {
      passed = () => deadline.passed;
      return new Promise(() => {});
    });
    const failed = failure(response);
    expect(passed()).toBe(false);
    await vi.advanceTimersByTimeAsync(300);
    expect(passed()).toBe(true);
    await failed;
  });

  it('refuses at once over maxPendingStoreCalls, counting calls that timed out but are not settled', async () => {
    const { store, waiting } = slowStore();
    const guard = createStoreGuard(store, { storeTimeout: 300, maxPendingStoreCalls: 2 });
    const pending = [guard.run((s) => s.get('a')), guard.run((s) => s.get('b'))];
    const probe = guard.run((s) => s.get('probe'));
    expect(() => guard.run((s) => s.get('c'))).toThrow(StoreUnavailableError);
    expect(waiting).toHaveLength(3);
    const failures = Promise.all([...pending, probe].map(failure));
    await vi.advanceTimersByTimeAsync(300);
    await failures;
    // One more probe, and no more until the next storeTimeout.
    const failed = failure(guard.run((s) => s.get('d')));
    expect(() => guard.run((s) => s.get('e'))).toThrow(/unavailable/);
    expect(waiting).toHaveLength(4);
    await vi.advanceTimersByTimeAsync(300);
    await failed;
  });

  it('is open again as soon as calls settle, late or not', async () => {
    const { store, waiting } = slowStore();
    const guard = createStoreGuard(store, { storeTimeout: 300, maxPendingStoreCalls: 1 });
    const failed = failure(guard.run((s) => s.get('a')));
    await vi.advanceTimersByTimeAsync(300);
    await failed;
    waiting[0]?.resolve(undefined);
    await vi.advanceTimersByTimeAsync(0);
    const [first, second] = [guard.run((s) => s.get('b')), guard.run((s) => s.get('probe'))];
    expect(() => guard.run((s) => s.get('c'))).toThrow(StoreUnavailableError);
    waiting[1]?.resolve(undefined);
    waiting[2]?.resolve(undefined);
    expect(await first).toBeUndefined();
    expect(await second).toBeUndefined();
  });

  it('forgets calls that never settle once a probe succeeds', async () => {
    const { store, waiting } = slowStore();
    const guard = createStoreGuard(store, { storeTimeout: 300, maxPendingStoreCalls: 2 });
    const failures = ['a', 'b'].map((id) => failure(guard.run((s) => s.get(id))));
    await vi.advanceTimersByTimeAsync(300);
    await Promise.all(failures);
    const probe = guard.run((s) => s.get('probe'));
    waiting[2]?.resolve(undefined);
    await probe;
    const pair = [guard.run((s) => s.get('c')), guard.run((s) => s.get('d'))];
    waiting[3]?.resolve(undefined);
    waiting[4]?.resolve(undefined);
    expect(await Promise.all(pair)).toEqual([undefined, undefined]);
    // The lost calls of before do not make room a second time when they settle after all.
    waiting[0]?.resolve(undefined);
    await vi.advanceTimersByTimeAsync(0);
    const two = ['e', 'f'].map((id) => failure(guard.run((s) => s.get(id))));
    expect(() => guard.run((s) => s.get('g'))).toThrow(StoreUnavailableError);
    await vi.advanceTimersByTimeAsync(300);
    await Promise.all(two);
  });

  it('tells a failure once, not again when the store rejects after the deadline', async () => {
    const { store, waiting } = slowStore();
    const guard = createStoreGuard(store, { storeTimeout: 300 });
    const told = vi.fn();
    diagnostics.subscribe('express-session-info:store.failed', told);
    const failed = failure(guard.run((s) => s.get('a')));
    await vi.advanceTimersByTimeAsync(300);
    await failed;
    waiting[0]?.reject(new Error('late'));
    await vi.advanceTimersByTimeAsync(0);
    diagnostics.unsubscribe('express-session-info:store.failed', told);
    expect(told).toHaveBeenCalledTimes(1);
  });

  it('keeps the cause for the host, and shows it in neither message nor JSON', async () => {
    const store = { ...createMemoryStore(), get: () => Promise.reject(new Error('the password is x')) };
    const error = await Promise.resolve(createStoreGuard(store).run((s) => s.get('a'))).catch((e) => e);
    expect(error.cause.message).toBe('the password is x');
    expect(error.message).toBe('Session store unavailable');
    expect(JSON.stringify(error)).not.toContain('password');
  });

  it('gives the store a second, and has a thousand calls wait for it', async () => {
    const { store, waiting } = slowStore();
    const guard = createStoreGuard(store);
    const failures = Array.from({ length: 1000 }, (_, id) => failure(guard.run((s) => s.get(`${id}`))));
    const probe = failure(guard.run((s) => s.get('probe')));
    expect(() => guard.run((s) => s.get('one more'))).toThrow(StoreUnavailableError);
    expect(waiting).toHaveLength(1001);
    const settled = vi.fn();
    Promise.race(failures).then(settled, settled);
    await vi.advanceTimersByTimeAsync(999);
    expect(settled).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(1);
    await Promise.all([...failures, probe]);
  });

  it('lets the next probe through when storeTimeout is over, not before', async () => {
    const { store, waiting } = slowStore();
    const guard = createStoreGuard(store, { storeTimeout: 300, maxPendingStoreCalls: 1 });
    const failures = ['a', 'probe'].map((id) => failure(guard.run((s) => s.get(id))));
    await vi.advanceTimersByTimeAsync(299);
    let refused: unknown;
    try {
      guard.run((s) => s.get('early'));
    } catch (error) {
      refused = error;
    }
    expect((refused as Error).cause).toEqual(new Error('2 calls of the store are pending'));
    await vi.advanceTimersByTimeAsync(1);
    const last = failure(guard.run((s) => s.get('second probe')));
    expect(waiting).toHaveLength(3);
    await vi.advanceTimersByTimeAsync(300);
    await Promise.all([...failures, last]);
  });

  it('is open again when a probe is answered at once', async () => {
    let hangs = true;
    const memory = createMemoryStore();
    const store: SessionStore = {
      ...memory,
      get: (id) => (hangs ? new Promise(() => {}) : memory.get(id)),
    };
    const guard = createStoreGuard(store, { storeTimeout: 300, maxPendingStoreCalls: 1 });
    const failed = failure(guard.run((s) => s.get('a')));
    await vi.advanceTimersByTimeAsync(300);
    await failed;
    hangs = false;
    for (let i = 0; i < 3; i++) expect(guard.run((s) => s.get('a'))).toBeUndefined();
  });

  it('counts the calls that still have time after a probe has succeeded', async () => {
    const { store, waiting } = slowStore();
    const guard = createStoreGuard(store, { storeTimeout: 300, maxPendingStoreCalls: 2 });
    const slow = ['a', 'b'].map((id) => guard.run((s) => s.get(id)));
    const probe = guard.run((s) => s.get('probe'));
    waiting[2]?.resolve(undefined);
    await probe;
    expect(() => guard.run((s) => s.get('c'))).toThrow(StoreUnavailableError);
    expect(waiting).toHaveLength(3);
    waiting[0]?.resolve(undefined);
    waiting[1]?.resolve(undefined);
    await Promise.all(slow);
  });

  it('does not forget calls that wait when another one is answered at once', async () => {
    const memory = createMemoryStore();
    const store: SessionStore = {
      ...memory,
      get: (id) => (id === 'hangs' ? new Promise(() => {}) : memory.get(id)),
    };
    const guard = createStoreGuard(store, { storeTimeout: 300, maxPendingStoreCalls: 2 });
    const hang = () => guard.run((s) => s.get('hangs'));
    const first = failure(hang());
    guard.run((s) => s.get('a'));
    const others = [hang(), hang()].map(failure);
    expect(hang).toThrow(StoreUnavailableError);
    await vi.advanceTimersByTimeAsync(300);
    await Promise.all([first, ...others]);
  });

  it('does not forget calls that timed out when another one, which is no probe, is answered', async () => {
    const memory = createMemoryStore();
    const store: SessionStore = {
      ...memory,
      get: (id) => (id === 'hangs' ? new Promise(() => {}) : memory.get(id)),
      update: async (id, named) => memory.update(id, named),
    };
    const guard = createStoreGuard(store, { storeTimeout: 300, maxPendingStoreCalls: 3 });
    const hang = () => guard.run((s) => s.get('hangs'));
    const lost = [hang(), hang()].map(failure);
    await vi.advanceTimersByTimeAsync(300);
    await Promise.all(lost);
    guard.run((s) => s.get('a'));
    await guard.run((s) => s.update('a', {}));
    const others = [hang(), hang()].map(failure);
    expect(hang).toThrow(StoreUnavailableError);
    await vi.advanceTimersByTimeAsync(300);
    await Promise.all(others);
  });

  it('does not take a probe that is answered too late for a sign of health', async () => {
    const { store, waiting } = slowStore();
    const guard = createStoreGuard(store, { storeTimeout: 300, maxPendingStoreCalls: 1 });
    const failures = ['a', 'probe'].map((id) => failure(guard.run((s) => s.get(id))));
    await vi.advanceTimersByTimeAsync(300);
    await Promise.all(failures);
    waiting[1]?.resolve(undefined);
    await vi.advanceTimersByTimeAsync(0);
    const last = failure(guard.run((s) => s.get('second probe')));
    expect(() => guard.run((s) => s.get('b'))).toThrow(StoreUnavailableError);
    await vi.advanceTimersByTimeAsync(300);
    await last;
  });
});

describe('StoreUnavailableError', () => {
  it('is what error handlers know as a 503 with Retry-After, and prints no cause', () => {
    const error = new StoreUnavailableError('the cause');
    expect(error).toMatchObject({
      name: 'StoreUnavailableError',
      code: 'store_unavailable',
      status: 503,
      statusCode: 503,
      headers: { 'Retry-After': '1' },
      message: 'Session store unavailable',
      cause: 'the cause',
    });
    expect(Object.keys(error)).not.toContain('cause');
  });

  it('is known across the two builds, and is handed on as it is', () => {
    const ofOtherBuild = { [Symbol.for('express-session-info.store-unavailable')]: true };
    expect(isStoreUnavailable(ofOtherBuild)).toBe(true);
    expect(isStoreUnavailable(new StoreUnavailableError('x'))).toBe(true);
    const guard = createStoreGuard(createMemoryStore());
    const rethrow = () =>
      guard.run(() => {
        throw ofOtherBuild;
      });
    expect(rethrow).toThrow(ofOtherBuild as never);
  });

  it('is made of what a driver throws, whatever that says of itself, and even if it can not be read', () => {
    const unreadable = new Proxy(new Error('x'), {
      get() {
        throw new Error('a trap');
      },
      getPrototypeOf() {
        throw new Error('a trap');
      },
    });
    const alike = Object.assign(new Error('x'), {
      name: 'StoreUnavailableError',
      status: 200,
      headers: null,
    });
    const guard = createStoreGuard(createMemoryStore());
    for (const thrown of [unreadable, alike, undefined, null, 'x', Object.create(null)]) {
      expect(isStoreUnavailable(thrown)).toBe(false);
      let told: unknown;
      try {
        guard.run(() => {
          throw thrown;
        });
      } catch (error) {
        told = error;
      }
      expect(isStoreUnavailable(told)).toBe(true);
      expect((told as StoreUnavailableError).cause === thrown).toBe(true);
    }
  });
});

describe('the debug line of a failure', () => {
  const linesOf = (...thrown: unknown[]): string[] => {
    const lines: string[] = [];
    const before = { log: debug.log, namespaces: debug.disable() };
    onTestFinished(() => {
      debug.log = before.log;
      debug.enable(before.namespaces);
    });
    debug.log = (...args: unknown[]) => void lines.push(stripVTControlCharacters(format(...args)));
    debug.enable('express-session-info');
    const guard = createStoreGuard(createMemoryStore());
    for (const cause of thrown) {
      expect(() =>
        guard.run(() => {
          throw cause;
        }),
      ).toThrow(StoreUnavailableError);
    }
    return lines;
  };

  it('has the name and the code of what the store threw, and not its message', () => {
    const refused = Object.assign(new Error('secret'), { code: 'ECONNREFUSED' });
    const unreadable = Object.defineProperty(new Error('secret'), 'code', {
      get() {
        throw new Error('secret');
      },
    });
    const lines = linesOf(refused, new TypeError('secret'), undefined, null, 'secret', unreadable);
    const texts = lines.map((line) => /store unavailable: (.*?)(?: \+\d+ms)?$/.exec(line)?.[1]?.trim());
    expect(texts).toEqual([
      'Error ECONNREFUSED',
      'TypeError',
      'undefined',
      'object',
      'string',
      'an error that can not be read',
    ]);
  });
});
