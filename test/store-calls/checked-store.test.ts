import diagnostics from 'node:diagnostics_channel';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createMemoryStore } from '../../src/index.js';
import { checkStore, createCheckedStore } from '../../src/store-calls/checked-store.js';

const memory = createMemoryStore();
const thenable = (then: (resolve: (value: unknown) => void) => void) => ({ then });

describe('createCheckedStore', () => {
  it.each(['create', 'get', 'peek', 'update'] as const)(
    '%s: throws a TypeError if the store returns no session',
    (method) => {
      const store = createCheckedStore({ ...memory, [method]: () => null });
      expect(() => store[method]('s', {})).toThrow(new TypeError('the store did not return a SessionInfo'));
    },
  );

  it.each([undefined, null, 1, 'true', {}])(
    'delete: throws a TypeError if the store returns %j',
    (returned) => {
      const store = createCheckedStore({ ...memory, delete: () => returned as never });
      expect(() => store.delete('s')).toThrow(new TypeError('the store did not return a boolean'));
    },
  );

  it('uses the first result of a thenable, as a promise', async () => {
    const info = memory.create('twice', {});
    const store = createCheckedStore({
      ...memory,
      get: () =>
        thenable((resolve) => {
          resolve(info);
          resolve(null);
        }) as never,
    });
    const result = store.get('twice');
    expect(result).toBeInstanceOf(Promise);
    expect(await result).toEqual(info);
  });

  it('publishes what a call changed, and nothing for a read or without a change', () => {
    const events: string[] = [];
    for (const event of ['created', 'updated', 'deleted', 'not-found']) {
      const name = `express-session-info:session.${event}`;
      const listener = () => void events.push(event);
      diagnostics.subscribe(name, listener);
      onTestFinished(() => void diagnostics.unsubscribe(name, listener));
    }
    const store = createCheckedStore(createMemoryStore());
    store.update('s', {});
    store.delete('s');
    store.create('s', {});
    store.create('s', {});
    store.get('s');
    store.peek('s');
    store.update('s', {});
    store.delete('s');
    expect(events).toEqual(['created', 'updated', 'deleted']);
  });
});

describe('what a store returns', () => {
  const time = new Date().toISOString();

  it('is passed on as it is if the memory store created it', () => {
    const own = createMemoryStore();
    let returned: unknown;
    const { get } = own;
    own.create('s', { agentId: 'a' });
    const store = createCheckedStore(own);
    expect(store.get('s')).toSatisfy(Object.isFrozen);
    expect(store.get('s')).toEqual(get('s'));
    own.get = (sessionId) => {
      returned = get(sessionId);
      return returned as never;
    };
    expect(store.get('s')).toEqual(returned);
    expect(store.get('s')).not.toBe(returned);
  });

  it('is copied: a getter is read once, and unknown members are left out', () => {
    let reads = 0;
    const returned = {
      get sessionId() {
        return reads++ === 0 ? 's' : 'other';
      },
      createdAt: time,
      updatedAt: time,
      password: 'x',
    };
    const store = createCheckedStore({ ...memory, get: () => returned });
    const info = store.get('s');
    expect(info).toEqual({ sessionId: 's', createdAt: time, updatedAt: time });
    expect(info).toSatisfy(Object.isFrozen);
  });

  it('is read by own members only', () => {
    class Row {
      readonly sessionId = 's';
      readonly createdAt = time;
      readonly updatedAt = time;
      get agentId() {
        return 'a';
      }
    }
    const store = createCheckedStore({ ...memory, get: () => new Row() });
    expect(store.get('s')).toEqual({ sessionId: 's', createdAt: time, updatedAt: time });
  });
});

describe('the ID that a store keeps', () => {
  /** How many bytes of the heap the result of `create` holds. */
  async function bytesHeldBy(create: () => Promise<object>): Promise<number> {
    setFlagsFromString('--expose-gc');
    const collectGarbage = runInNewContext('gc');
    const bytes = () => {
      collectGarbage();
      return process.memoryUsage().heapUsed;
    };
    const before = bytes();
    const created = await create();
    const after = bytes();
    expect(created).toBeDefined();
    return after - before;
  }

  it('does not keep the URL in memory that it was a part of', async () => {
    const held = await bytesHeldBy(async () => {
      const kept = new Set<string>();
      const store = createCheckedStore({
        ...memory,
        create(sessionId) {
          kept.add(sessionId);
          return undefined;
        },
      });
      for (let n = 1000; n < 2000; n++) {
        const url = Buffer.from(`/sessions/${n}${'x'.repeat(90)}?${'q'.repeat(20_000)}`).toString('latin1');
        await store.create(url.slice(10, 100), {});
      }
      expect(kept.size).toBe(1000);
      return kept;
    });
    expect(held).toBeLessThan(5_000_000);
  });
});

describe('checkStore', () => {
  it('says what the store lacks, and the fix', () => {
    expect(() => checkStore('attachSession', memory)).not.toThrow();
    expect(() => checkStore('attachSession', { get() {}, delete: true })).toThrow(
      new TypeError(
        'attachSession: store must be a SessionStore; it lacks create, peek, update, delete. ' +
          'Pass createMemoryStore() or another store first, options second',
      ),
    );
  });
});
