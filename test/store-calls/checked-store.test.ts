import diagnostics from 'node:diagnostics_channel';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createMemoryStore } from '../../src/index.js';
import { checkStore, createCheckedStore } from '../../src/store-calls/checked-store.js';

const memory = createMemoryStore();
const thenable = (then: (resolve: (value: unknown) => void) => void) => ({ then });

describe('createCheckedStore', () => {
  it.each(['create', 'get', 'update'] as const)(
    '%s: an answer that is no session is a TypeError',
    (method) => {
      const store = createCheckedStore({ ...memory, [method]: () => null });
      expect(() => store[method]('s', {})).toThrow(new TypeError('the answer is not a SessionInfo'));
    },
  );

  it.each([undefined, null, 1, 'true', {}])('delete: an answer %j is a TypeError', (response) => {
    const store = createCheckedStore({ ...memory, delete: () => answer as never });
    expect(() => store.delete('s')).toThrow(new TypeError('the answer is not a boolean'));
  });

  it('hears a thenable once, and as a promise', async () => {
    const info = memory.create('twice', {});
    const store = createCheckedStore({
      ...memory,
      get: () =>
        thenable((resolve) => {
          resolve(info);
          resolve(null);
        }) as never,
    });
    const response = store.get('twice');
    expect(response).toBeInstanceOf(Promise);
    expect(await response).toEqual(info);
  });

  it('publishes what came of a call, and nothing of a read or of a no', () => {
    const events: string[] = [];
    for (const event of ['created', 'updated', 'deleted', 'not-found']) {
      const name = `express-session-info:session.${event}`;
      const heard = () => void events.push(event);
      diagnostics.subscribe(name, heard);
      onTestFinished(() => void diagnostics.unsubscribe(name, heard));
    }
    const store = createCheckedStore(createMemoryStore());
    store.update('s', {});
    store.delete('s');
    store.create('s', {});
    store.create('s', {});
    store.get('s');
    store.update('s', {});
    store.delete('s');
    expect(events).toEqual(['created', 'updated', 'deleted']);
  });
});

describe('the ID that a store is to keep', () => {
  /** How many bytes of the heap are held by what `make` gives. */
  async function bytesHeldBy(make: () => Promise<object>): Promise<number> {
    setFlagsFromString('--expose-gc');
    const collectGarbage = runInNewContext('gc');
    const bytes = () => {
      collectGarbage();
      return process.memoryUsage().heapUsed;
    };
    const before = bytes();
    const created = await make();
    const after = bytes();
    expect(created).toBeDefined();
    return after - before;
  }

  it('does not keep the URL in memory that it was cut out of', async () => {
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
  it('names the factory, what the store lacks, and the fix', () => {
    expect(() => checkStore('attachSession', memory)).not.toThrow();
    expect(() => checkStore('attachSession', { get() {}, delete: true })).toThrow(
      new TypeError(
        'attachSession: store must be a SessionStore; it lacks create, update, delete. ' +
          'Pass createMemoryStore() or another store first, options second',
      ),
    );
  });
});
