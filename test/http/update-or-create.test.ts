import { describe, expect, it, vi } from 'vitest';
import { updateOrCreate } from '../../src/http/update-or-create.js';
import { createMemoryStore, type SessionStore } from '../../src/index.js';

const memory = createMemoryStore();
const info = memory.create('s', {});

/** A store that returns what it is given here, and otherwise refuses; both methods count their calls. */
function storeOf(methods: Partial<SessionStore>) {
  const refuse = () => undefined;
  return { ...memory, update: vi.fn(methods.update ?? refuse), create: vi.fn(methods.create ?? refuse) };
}

describe('updateOrCreate', () => {
  const open = { passed: false };

  it('returns which of the two it did, synchronously if the store does', () => {
    const updating = storeOf({ update: () => info });
    expect(updateOrCreate(updating, open, 's', { visitId: 'v' }, true)).toEqual({ info, isNew: false });
    expect(updating.update).toHaveBeenCalledExactlyOnceWith('s', { visitId: 'v' });
    expect(updating.create).not.toHaveBeenCalled();
    const creating = storeOf({ create: () => info });
    expect(updateOrCreate(creating, open, 's', { visitId: 'v' }, true)).toEqual({ info, isNew: true });
    expect(creating.create).toHaveBeenCalledExactlyOnceWith('s', { visitId: 'v' });
  });

  it('returns a promise if the store does', async () => {
    const creating = storeOf({ update: async () => undefined, create: async () => info });
    const outcome = updateOrCreate(creating, open, 's', {}, true);
    expect(outcome).toBeInstanceOf(Promise);
    expect(await outcome).toEqual({ info, isNew: true });
  });

  it('updates a session that another request created between the two calls', () => {
    const store = storeOf({ update: vi.fn().mockReturnValueOnce(undefined).mockReturnValue(info) });
    expect(updateOrCreate(store, open, 's', {}, true)).toEqual({ info, isNew: false });
    expect(store.create).toHaveBeenCalledTimes(1);
  });

  it('creates nothing if it may not', () => {
    const store = storeOf({ create: () => info });
    expect(updateOrCreate(store, open, 's', {}, false)).toBeUndefined();
    expect(updateOrCreate(storeOf({ update: () => info }), open, 's', {}, false)).toEqual({
      info,
      isNew: false,
    });
    expect(store.create).not.toHaveBeenCalled();
  });

  it('gives up on a store that refuses both a hundred times', async () => {
    const store = storeOf({});
    expect(() => updateOrCreate(store, open, 's', {}, true)).toThrow(
      'the store neither updates nor creates the session',
    );
    expect(store.update).toHaveBeenCalledTimes(100);
    expect(store.create).toHaveBeenCalledTimes(100);
    const slow = storeOf({ update: async () => undefined, create: async () => undefined });
    await expect(updateOrCreate(slow, open, 's', {}, true)).rejects.toThrow('neither updates nor creates');
  });

  it('makes no call after the deadline', () => {
    const store = storeOf({});
    expect(() => updateOrCreate(store, { passed: true }, 's', {}, true)).toThrow(
      'neither updates nor creates',
    );
    expect(store.update).not.toHaveBeenCalled();
    const deadline = { passed: false };
    const pass = () => {
      deadline.passed = true;
      return undefined;
    };
    const slow = storeOf({ update: pass });
    expect(updateOrCreate(slow, deadline, 's', {}, true)).toBeUndefined();
    expect(slow.create).not.toHaveBeenCalled();
    deadline.passed = false;
    const slower = storeOf({ create: pass });
    expect(() => updateOrCreate(slower, deadline, 's', {}, true)).toThrow('neither updates nor creates');
    expect(slower.update).toHaveBeenCalledTimes(1);
  });
});
