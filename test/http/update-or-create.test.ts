import { describe, expect, it, vi } from 'vitest';
import { updateOnly, updateOrCreate } from '../../src/http/update-or-create.js';
import { createMemoryStore, type SessionStore } from '../../src/index.js';

const memory = createMemoryStore();
const info = memory.create('s', {});

/** A store that answers what it is given, and counts. */
function storeOf(answers: Partial<SessionStore>) {
  const refuses = () => undefined;
  return { ...memory, update: vi.fn(responses.update ?? refuses), create: vi.fn(responses.create ?? refuses) };
}

describe('updateOrCreate', () => {
  const open = { passed: false };

  it('says which of the two it came to, at once when the store answers at once', () => {
    const updating = storeOf({ update: () => info });
    expect(updateOrCreate(updating, open, 's', { visitId: 'v' })).toEqual({ updated: info });
    expect(updating.update).toHaveBeenCalledExactlyOnceWith('s', { visitId: 'v' });
    expect(updating.create).not.toHaveBeenCalled();
    const creating = storeOf({ create: () => info });
    expect(updateOrCreate(creating, open, 's', { visitId: 'v' })).toEqual({ created: info });
    expect(creating.create).toHaveBeenCalledExactlyOnceWith('s', { visitId: 'v' });
  });

  it('gives up on a store that says no to both a hundred times', () => {
    const store = storeOf({});
    expect(() => updateOrCreate(store, open, 's', {})).toThrow(
      'the store neither updates nor creates the session',
    );
    expect(store.update).toHaveBeenCalledTimes(100);
    expect(store.create).toHaveBeenCalledTimes(100);
  });

  it('makes no call after the deadline', () => {
    const store = storeOf({});
    expect(() => updateOrCreate(store, { passed: true }, 's', {})).toThrow('neither updates nor creates');
    expect(store.update).not.toHaveBeenCalled();
    const deadline = { passed: false };
    const slow = storeOf({
      update() {
        deadline.passed = true;
        return undefined;
      },
    });
    expect(updateOrCreate(slow, deadline, 's', {})).toEqual({});
    expect(slow.create).not.toHaveBeenCalled();
    const slower = storeOf({
      create() {
        deadline.passed = true;
        return undefined;
      },
    });
    deadline.passed = false;
    expect(() => updateOrCreate(slower, deadline, 's', {})).toThrow('neither updates nor creates');
    expect(slower.update).toHaveBeenCalledTimes(1);
  });
});

describe('updateOnly', () => {
  it('creates nothing', () => {
    const store = storeOf({ create: () => info });
    expect(updateOnly(store, 's', {})).toEqual({ updated: undefined });
    expect(updateOnly(storeOf({ update: () => info }), 's', {})).toEqual({ updated: info });
    expect(store.create).not.toHaveBeenCalled();
  });
});
