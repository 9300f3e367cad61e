import { inspect } from 'node:util';
import { describe, expect, it, vi } from 'vitest';
import { isStoreUnavailable, StoreUnavailableError } from '../../src/store-calls/store-unavailable-error.js';

describe('StoreUnavailableError', () => {
  it('has the shape of every error of the package', () => {
    expect(new StoreUnavailableError('the cause')).toMatchObject({
      name: 'StoreUnavailableError',
      message: 'Session store unavailable',
      code: 'store_unavailable',
      status: 503,
      statusCode: 503,
      expose: false,
      headers: { 'Retry-After': '1' },
      cause: 'the cause',
    });
  });

  it('prints no cause, whose message may contain session IDs', () => {
    const error = new StoreUnavailableError(new Error('no key sess:abc'));
    expect((error.cause as Error).message).toBe('no key sess:abc');
    for (const text of [inspect(error), JSON.stringify(error), String(error), error.stack])
      expect(text).not.toContain('abc');
  });
});

it('is created also where somebody has written into Object.prototype', () => {
  const polluted = Object.prototype as { value?: unknown; writable?: unknown };
  let error: Error;
  try {
    Object.assign(polluted, { value: 'x', writable: true });
    error = new StoreUnavailableError('the cause');
  } finally {
    delete polluted.value;
    delete polluted.writable;
  }
  expect(error.cause).toBe('the cause');
});

describe('isStoreUnavailable', () => {
  it('is true for an error of the other build', async () => {
    const error = new StoreUnavailableError('x');
    vi.resetModules();
    const other = await import('../../src/store-calls/store-unavailable-error.js');
    expect(other.StoreUnavailableError).not.toBe(StoreUnavailableError);
    expect(other.isStoreUnavailable(error)).toBe(true);
    expect(isStoreUnavailable(new other.StoreUnavailableError('x'))).toBe(true);
  });

  it('is false for other errors, and for what cannot be read', () => {
    const trap = () => {
      throw new Error('a trap');
    };
    const named = Object.assign(new Error('x'), { name: 'StoreUnavailableError', code: 'store_unavailable' });
    for (const error of [named, undefined, null, 'x', Object.create(null), new Proxy({}, { get: trap })])
      expect(isStoreUnavailable(error)).toBe(false);
  });
});
