import { execFile } from 'node:child_process';
import diagnostics from 'node:diagnostics_channel';
import { promisify } from 'node:util';
import { afterAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { createMemoryStore } from '../../src/index.js';
import type { SessionInfo } from '../../src/session-info.js';
import type { Awaitable, SessionStore } from '../../src/session-store.js';
import { guardOf, type StoreLimits } from '../../src/store-calls/store-guard.js';
import { isStoreUnavailable, StoreUnavailableError } from '../../src/store-calls/store-unavailable-error.js';

// Before the imports, and without what other files have imported: only then does the guard keep to the timers of the test.
vi.hoisted(() => {
  vi.resetModules();
  vi.useFakeTimers();
});
afterAll(() => {
  vi.useRealTimers();
  vi.resetModules();
});

/** A store whose reads wait until the test settles them. */
function slowStore() {
  type Waiting = { resolve: (info?: SessionInfo) => void; reject: (error: unknown) => void };
  const waiting: Waiting[] = [];
  const store: SessionStore = {
    ...createMemoryStore(),
    get: () => new Promise((resolve, reject) => waiting.push({ resolve, reject } as Waiting)),
  };
  return { store, waiting };
}

function createGuard(store: SessionStore, limits: StoreLimits = {}) {
  const guard = guardOf(store);
  guard.limit('test', limits);
  return { ...guard, get: (sessionId = 'a') => guard.run((s) => s.get(sessionId)) };
}

/** The cause of the failure of a call. */
async function causeOf(result: Awaitable<unknown>): Promise<Error> {
  const error = await Promise.resolve(result).then(
    () => undefined,
    (reason) => reason,
  );
  expect(error).toBeInstanceOf(StoreUnavailableError);
  return error.cause;
}

describe('run', () => {
  it('returns a value if the store does, and starts no timer', () => {
    const guard = guardOf(createMemoryStore());
    const created = guard.run((store) => store.create('a', { customerId: 'c' }));
    expect(created).toMatchObject({ sessionId: 'a', customerId: 'c' });
    expect(vi.getTimerCount()).toBe(0);
  });

  it('stops its timer when the store settles', async () => {
    const { store, waiting } = slowStore();
    const guard = createGuard(store);
    const [good, bad] = [guard.get('a'), guard.get('b')];
    expect(vi.getTimerCount()).toBe(2);
    waiting[0]?.resolve();
    waiting[1]?.reject(new Error('gone'));
    expect(await good).toBeUndefined();
    expect((await causeOf(bad)).message).toBe('gone');
    expect(vi.getTimerCount()).toBe(0);
  });

  it('rejects after storeTimeout, not before', async () => {
    const guard = createGuard(slowStore().store, { storeTimeout: 300 });
    const settled = vi.fn();
    const result = guard.get();
    Promise.resolve(result).then(settled, settled);
    await vi.advanceTimersByTimeAsync(299);
    expect(settled).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(1);
    expect((await causeOf(result)).message).toBe('the store did not respond within 300 ms');
  });

  it('ignores what the store returns after the deadline, and leaves no unhandled rejection', async () => {
    const { store, waiting } = slowStore();
    const guard = createGuard(store, { storeTimeout: 300 });
    const causes = Promise.all([guard.get('a'), guard.get('b')].map(causeOf));
    await vi.advanceTimersByTimeAsync(300);
    waiting[0]?.resolve();
    waiting[1]?.reject(new Error('late'));
    for (const { message } of await causes) expect(message).toMatch(/did not respond/);
  });

  it('tells an operation of several calls that its time is over', async () => {
    const guard = createGuard(slowStore().store, { storeTimeout: 300 });
    let isOver = () => false;
    const result = guard.run((_, deadline) => {
      isOver = () => deadline.passed;
      return new Promise(() => {});
    });
    const failed = causeOf(result);
    expect(isOver()).toBe(false);
    await vi.advanceTimersByTimeAsync(300);
    expect(isOver()).toBe(true);
    await failed;
  });

  it('fails at once over maxPendingStoreCalls, and lets one probe through', async () => {
    const { store, waiting } = slowStore();
    const guard = createGuard(store, { storeTimeout: 300, maxPendingStoreCalls: 2 });
    const causes = Promise.all([guard.get('a'), guard.get('b'), guard.get('probe')].map(causeOf));
    expect(() => guard.get('c')).toThrow(StoreUnavailableError);
    expect(waiting).toHaveLength(3);
    await vi.advanceTimersByTimeAsync(300);
    await causes;
    const next = causeOf(guard.get('the next probe'));
    expect(() => guard.get('d')).toThrow(StoreUnavailableError);
    expect(waiting).toHaveLength(4);
    await vi.advanceTimersByTimeAsync(300);
    await next;
  });

  it('recovers when a probe succeeds, with a promise or a value', async () => {
    let respond: (sessionId: string) => Awaitable<undefined> = () => new Promise(() => {});
    for (const recovered of [async () => undefined, () => undefined]) {
      const guard = createGuard(
        { ...createMemoryStore(), get: (sessionId) => respond(sessionId) },
        { storeTimeout: 300, maxPendingStoreCalls: 1 },
      );
      respond = () => new Promise(() => {});
      const failed = causeOf(guard.get());
      await vi.advanceTimersByTimeAsync(300);
      await failed;
      respond = recovered;
      for (let i = 0; i < 3; i++) expect(await guard.get()).toBeUndefined();
    }
  });

  it('does not recover by a probe that succeeds too late, or by a call that is no probe', async () => {
    const { store, waiting } = slowStore();
    const guard = createGuard(
      { ...store, peek: async () => undefined },
      { storeTimeout: 300, maxPendingStoreCalls: 3 },
    );
    const lost = Promise.all([guard.get(), guard.get()].map(causeOf));
    await vi.advanceTimersByTimeAsync(300);
    await lost;
    guard.run((s) => s.update('a', {}));
    await guard.run((s) => s.peek('a'));
    const others = Promise.all([guard.get(), guard.get('probe')].map(causeOf));
    expect(() => guard.get()).toThrow(StoreUnavailableError);
    await vi.advanceTimersByTimeAsync(300);
    await others;
    waiting[3]?.resolve();
    await vi.advanceTimersByTimeAsync(0);
    const last = causeOf(guard.get('the next probe'));
    expect(() => guard.get()).toThrow(StoreUnavailableError);
    await vi.advanceTimersByTimeAsync(300);
    await last;
  });

  it('waits a second and admits a thousand calls by default', async () => {
    const { store, waiting } = slowStore();
    const guard = createGuard(store);
    const causes = Array.from({ length: 1001 }, (_, id) => causeOf(guard.get(`${id}`)));
    expect(() => guard.get('one more')).toThrow(StoreUnavailableError);
    expect(waiting).toHaveLength(1001);
    const settled = vi.fn();
    Promise.race(causes).then(settled, settled);
    await vi.advanceTimersByTimeAsync(999);
    expect(settled).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(1);
    await Promise.all(causes);
  });

  it('publishes a failure once, not again when the store rejects after the deadline', async () => {
    const { store, waiting } = slowStore();
    const guard = createGuard(store, { storeTimeout: 300 });
    const published = vi.fn();
    diagnostics.subscribe('express-session-info:store.failed', published);
    onTestFinished(() => void diagnostics.unsubscribe('express-session-info:store.failed', published));
    const failed = causeOf(guard.get());
    await vi.advanceTimersByTimeAsync(300);
    await failed;
    waiting[0]?.reject(new Error('late'));
    await vi.advanceTimersByTimeAsync(0);
    expect(published).toHaveBeenCalledTimes(1);
  });

  it('keeps whatever was thrown as the cause, and an error of its own as it is', () => {
    const guard = guardOf(createMemoryStore());
    const caught = (thrown: unknown) => {
      try {
        return guard.run(() => {
          throw thrown;
        });
      } catch (error) {
        return error as StoreUnavailableError;
      }
    };
    const trap = () => {
      throw new Error('a trap');
    };
    const unreadable = new Proxy(new Error('x'), { get: trap, getPrototypeOf: trap, has: trap });
    for (const thrown of [unreadable, new Error('x'), undefined, null, 'x', Object.create(null)]) {
      const error = caught(thrown);
      expect(isStoreUnavailable(error)).toBe(true);
      expect((error as StoreUnavailableError).cause === thrown).toBe(true);
    }
    const own = new StoreUnavailableError('x');
    expect(caught(own)).toBe(own);
  });
});

describe('the guard of a store', () => {
  it('is one for each store object, also in the other build of the package', async () => {
    const store = createMemoryStore();
    const guard = guardOf(store);
    expect(guardOf(store)).toBe(guard);
    expect(guardOf({ ...store })).not.toBe(guard);
    vi.resetModules();
    const other = await import('../../src/store-calls/store-guard.js');
    expect(other.guardOf).not.toBe(guardOf);
    expect(other.guardOf(store)).toBe(guard);
  });

  it('does not keep the store in memory', async () => {
    const { setFlagsFromString } = await import('node:v8');
    const { runInNewContext } = await import('node:vm');
    setFlagsFromString('--expose-gc');
    const collectGarbage = runInNewContext('gc');
    const refs = Array.from({ length: 10 }, () => {
      const store = createMemoryStore({ max: 1 });
      guardOf(store);
      return new WeakRef(store);
    });
    vi.useRealTimers();
    await new Promise(setImmediate);
    collectGarbage();
    vi.useFakeTimers();
    expect(refs.filter((ref) => ref.deref()).length).toBeLessThan(5);
  });
});

describe('limit', () => {
  it('applies to every user of the store, whenever it was set', async () => {
    const { store, waiting } = slowStore();
    const first = createGuard(store);
    const second = createGuard(store, { storeTimeout: 50, maxPendingStoreCalls: 1 });
    const causes = Promise.all([first.get(), first.get('probe')].map(causeOf));
    expect(() => second.get()).toThrow(StoreUnavailableError);
    expect(waiting).toHaveLength(2);
    await vi.advanceTimersByTimeAsync(50);
    await causes;
  });

  it('may be set again to the same value, or left out', () => {
    const { store } = slowStore();
    const guard = guardOf(store);
    guard.limit('test', { storeTimeout: 300 });
    guard.limit('test', { storeTimeout: 300, maxPendingStoreCalls: 5 });
    guard.limit('test', { storeTimeout: undefined });
    guard.limit('test', {});
  });

  it('rejects a different value, and sets nothing then', () => {
    const { store } = slowStore();
    const guard = guardOf(store);
    guard.limit('test', { maxPendingStoreCalls: 5 });
    expect(() => guard.limit('attachSession', { storeTimeout: 300, maxPendingStoreCalls: 6 })).toThrow(
      new TypeError(
        'attachSession: option "maxPendingStoreCalls" is already 5 for this store; set it once, or to the same value everywhere',
      ),
    );
    guard.limit('test', { storeTimeout: 400 });
  });
});

describe('NODE_DEBUG=express-session-info', () => {
  /** What a process prints for each of these failures of a store. */
  async function linesOf(failures: string, NODE_DEBUG = 'express-session-info'): Promise<string[]> {
    const program = `
      import { createClient } from 'redis';
      import { guardOf } from './src/store-calls/store-guard.ts';
      const closed = await createClient().get('a').catch((error) => error);
      const unreadable = new Proxy({}, { get() { throw new Error('secret'); } });
      const guard = guardOf({});
      for (const cause of [${failures}]) {
        try {
          guard.run(() => { throw cause; });
        } catch {}
      }`;
    const args = ['--import', 'tsx', '--input-type=module', '--eval', program];
    const { stderr } = await promisify(execFile)(process.execPath, args, {
      cwd: new URL('../..', import.meta.url),
      env: { PATH: process.env.PATH, NODE_DEBUG },
    });
    return stderr.split('\n').filter((line) => line.includes('EXPRESS-SESSION-INFO'));
  }

  it('prints the class and the code of what the store threw, and not its message', async () => {
    const lines = await linesOf(
      "closed, Object.assign(new Error('secret'), { code: 'ECONNREFUSED' }), new TypeError('secret'), undefined, null, " +
        "'secret', { code: { key: 'secret' } }, Object.create(null), unreadable",
    );
    expect(lines.map((line) => line.replace(/^.*store unavailable: /, ''))).toEqual([
      'ClientClosedError',
      'Error ECONNREFUSED',
      'TypeError',
      'undefined',
      'null',
      'string',
      'Object',
      'an object',
      'an error that cannot be read',
    ]);
  });

  it('prints nothing without it', async () => {
    expect(await linesOf("new Error('x')", 'http')).toEqual([]);
  });
});
