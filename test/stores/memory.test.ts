import { execFile } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { createMemoryStore } from '../../src/stores/memory.js';
import type { SessionTimeouts } from '../../src/stores/shared/session-timeouts.js';
import { customerSessionsCases, sessionStoreCases } from '../../src/testing/index.js';

describe.concurrent('the memory store', () => {
  const createStore = (timeouts: SessionTimeouts) => createMemoryStore({ ...timeouts, max: 2000 });
  for (const { name, run } of sessionStoreCases(createStore)) it(name, run);
  for (const { name, run } of customerSessionsCases(createStore)) it(name, run);
});

describe('over max sessions, the memory store', () => {
  it('drops the least recently used session', () => {
    const store = createMemoryStore({ max: 3 });
    for (const id of ['a', 'b', 'c']) store.create(id, {});
    store.get('a');
    store.update('b', {});
    store.create('d', {});
    expect(liveOf(store, ['a', 'b', 'c', 'd'])).toEqual(['a', 'b', 'd']);
  });

  it('drops a session that was only looked at', () => {
    const store = createMemoryStore({ max: 2 });
    for (const id of ['a', 'b']) store.create(id, { customerId: 'c' });
    store.peek('a');
    store.listByCustomer('c', { limit: 1 });
    store.create('d', {});
    expect(liveOf(store, ['a', 'b', 'd'])).toEqual(['b', 'd']);
  });

  it('never keeps more', () => {
    const store = createMemoryStore({ max: 10 });
    const ids = Array.from({ length: 1000 }, (_, index) => `id-${index}`);
    for (const id of ids) store.create(id, { visitId: id });
    expect(liveOf(store, ids)).toEqual(ids.slice(-10));
  });

  it('drops none for a create of a taken ID', () => {
    const store = createMemoryStore({ max: 2 });
    store.create('a', {});
    store.create('b', {});
    store.create('b', {});
    expect(liveOf(store, ['a', 'b'])).toEqual(['a', 'b']);
  });

  it('reuses the room of a deleted session', () => {
    const store = createMemoryStore({ max: 2 });
    store.create('a', {});
    store.create('b', {});
    store.delete('b');
    store.create('c', {});
    expect(liveOf(store, ['a', 'b', 'c'])).toEqual(['a', 'c']);
  });

  it('reuses the room of an expired session that was asked for', async () => {
    const store = createMemoryStore({ max: 2, idleTimeout: 300 });
    store.create('old', {});
    await sleep(350);
    expect(store.get('old')).toBeUndefined();
    store.create('a', {});
    store.create('b', {});
    expect(liveOf(store, ['a', 'b'])).toEqual(['a', 'b']);
  });
});

describe('the sessions of a customer in the memory store', () => {
  const idsOf = async (store: ReturnType<typeof createMemoryStore>, customerId: string) =>
    (await store.listByCustomer(customerId)).map(({ sessionId }) => sessionId);

  it('are listed newest first, the last created first within a millisecond', async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    onTestFinished(() => void vi.useRealTimers());
    const store = createMemoryStore();
    store.create('a', { customerId: 'c' });
    store.create('b', { customerId: 'c' });
    vi.advanceTimersByTime(5);
    store.create('later', {});
    vi.advanceTimersByTime(5);
    store.create('last', { customerId: 'c' });
    store.update('later', { customerId: 'c' });
    store.update('a', { visitId: 'v' });
    expect(await idsOf(store, 'c')).toEqual(['last', 'later', 'b', 'a']);
    expect(await store.listByCustomer('c', { limit: 3 })).toHaveLength(3);
  });

  it('are those that are left when one is dropped over max', async () => {
    const store = createMemoryStore({ max: 2 });
    for (const id of ['a', 'b', 'd']) store.create(id, { customerId: 'c' });
    expect(await idsOf(store, 'c')).toEqual(['d', 'b']);
    expect(await store.deleteByCustomer('c', { except: 'b' })).toBe(1);
    expect(await idsOf(store, 'c')).toEqual(['b']);
  });

  it('follow a session from customer to customer, and to none', async () => {
    const store = createMemoryStore();
    store.create('s', { customerId: 'first' });
    store.create('other', { customerId: 'first' });
    store.update('s', { customerId: 'second' });
    expect([await idsOf(store, 'first'), await idsOf(store, 'second')]).toEqual([['other'], ['s']]);
    store.update('s', { customerId: null });
    expect(await idsOf(store, 'second')).toEqual([]);
    expect(store.peek('s')).not.toHaveProperty('customerId');
  });
});

describe('the memory store ends a session', () => {
  const TIME = Date.parse('2026-11-01T10:00:00.000Z');
  const start = (timeouts?: SessionTimeouts) => {
    vi.useFakeTimers({ toFake: ['Date'], now: TIME });
    onTestFinished(() => void vi.useRealTimers());
    const store = createMemoryStore(timeouts);
    vi.setSystemTime(TIME + 5);
    store.create('s', { customerId: 'c' });
    const at = (age: number) => void vi.setSystemTime(TIME + 5 + age);
    return { store, at };
  };

  it('after idleTimeout without activity, and not a millisecond before', () => {
    const { store, at } = start({ idleTimeout: 1000 });
    at(999);
    expect(store.get('s')).toBeDefined();
    at(1998);
    expect(store.update('s', {})).toBeDefined();
    at(2997);
    expect(store.peek('s')).toBeDefined();
    at(2998);
    expect(store.peek('s')).toBeUndefined();
    expect(store.listByCustomer('c')).toEqual([]);
    expect(store.deleteByCustomer('c')).toBe(0);
    expect(store.update('s', {})).toBeUndefined();
    expect(store.delete('s')).toBe(false);
    expect(store.create('s', {})).toBeDefined();
  });

  it('at absoluteTimeout in spite of activity, and not a millisecond before', () => {
    const { store, at } = start({ idleTimeout: 1000, absoluteTimeout: 1500 });
    at(900);
    store.get('s');
    at(1499);
    expect(store.get('s')).toBeDefined();
    at(1500);
    expect(store.get('s')).toBeUndefined();
  });

  it('after 30 minutes or 24 hours by default', () => {
    const idle = start();
    idle.at(30 * 60_000 - 1);
    expect(idle.store.get('s')).toBeDefined();
    idle.at(60 * 60_000 - 1);
    expect(idle.store.get('s')).toBeUndefined();
    const used = start({ idleTimeout: 48 * 3_600_000 });
    used.at(24 * 3_600_000 - 1);
    expect(used.store.get('s')).toBeDefined();
    used.at(24 * 3_600_000);
    expect(used.store.get('s')).toBeUndefined();
  });

  it('and returns when it was created and changed', () => {
    const { store, at } = start();
    at(10);
    store.update('s', { agentId: 'a', visitId: 'v', globalVisitId: 'g' });
    at(20);
    expect(store.get('s')).toEqual({
      sessionId: 's',
      agentId: 'a',
      customerId: 'c',
      visitId: 'v',
      globalVisitId: 'g',
      createdAt: '2026-11-01T10:00:00.005Z',
      updatedAt: '2026-11-01T10:00:00.015Z',
    });
  });
});

describe('the memory store', () => {
  it('keeps 100,000 sessions by default', () => {
    const store = createMemoryStore();
    for (let i = 0; i <= 100_000; i++) store.create(`id-${i}`, {});
    expect(liveOf(store, ['id-0', 'id-1', 'id-100000'])).toEqual(['id-1', 'id-100000']);
  });

  it('returns values, not promises', () => {
    const store = createMemoryStore();
    expect(store.create('a', {})).toMatchObject({ sessionId: 'a' });
    expect(store.delete('a')).toBe(true);
  });

  it('returns frozen sessions', () => {
    const store = createMemoryStore();
    expect(Object.isFrozen(store.create('a', {}))).toBe(true);
    expect(Object.isFrozen(store.get('a'))).toBe(true);
    expect(Object.isFrozen(store.peek('a'))).toBe(true);
    expect(Object.isFrozen(store.update('a', {}))).toBe(true);
  });

  it('shows nothing that a polluted Object.prototype adds', () => {
    const store = createMemoryStore();
    Object.defineProperty(Object.prototype, 'agentId', { value: 'polluted', configurable: true });
    onTestFinished(() => void Reflect.deleteProperty(Object.prototype, 'agentId'));
    store.create('a', {});
    store.update('a', { visitId: 'v' });
    expect(Object.keys(store.get('a') ?? {})).toEqual(['sessionId', 'visitId', 'createdAt', 'updatedAt']);
  });

  it('keeps no process alive', { timeout: 60_000 }, async () => {
    const script = `
      import { createMemoryStore } from './src/stores/memory.ts';
      const store = createMemoryStore();
      store.create('a', {});
      store.get('a');
      store.update('a', { visitId: 'v' });
      store.delete('a');
      const end = performance.now();
      process.on('exit', () => console.log(performance.now() - end));
    `;
    const args = ['--import', 'tsx', '--input-type=module', '--eval', script];
    const { stdout } = await promisify(execFile)(process.execPath, args, { timeout: 50_000 });
    expect(Number(stdout)).toBeLessThan(5000);
  });

  it.each([
    [{ max: 0 }, 'option "max" must be a whole number of sessions from 1 to 8388608'],
    [{ max: 1.5 }, 'option "max" must be a whole number of sessions from 1 to 8388608'],
    [
      { idleTimeout: -1 },
      'option "idleTimeout" must be a whole number of milliseconds from 1 to 315360000000',
    ],
    [
      { idleTimeout: '30m' },
      'option "idleTimeout" must be a whole number of milliseconds from 1 to 315360000000',
    ],
    [
      { absoluteTimeout: Number.NaN },
      'option "absoluteTimeout" must be a whole number of milliseconds from 1 to',
    ],
    [{ ttl: 1000 }, 'unknown option "ttl"; use idleTimeout, absoluteTimeout, max'],
    [null, 'options must be an object'],
  ])('throws for the options %o, with the fix', (options, message) => {
    expect(() => createMemoryStore(options as never)).toThrow(TypeError);
    expect(() => createMemoryStore(options as never)).toThrow(`createMemoryStore: ${message}`);
  });
});

function liveOf(store: ReturnType<typeof createMemoryStore>, ids: string[]): string[] {
  return ids.filter((id) => store.get(id) !== undefined);
}
