import type { ServerResponse } from 'node:http';
import { describe, expect, it, vi } from 'vitest';
import {
  ERRORS,
  isSessionError,
  respondWithError,
  type SessionErrorCode,
  safeInstanceof,
  sessionError,
  toError,
} from '../../src/http/errors.js';
import * as everything from '../../src/index.js';
import { StoreUnavailableError } from '../../src/store-calls/store-unavailable-error.js';

type ClientErrorCode = Exclude<SessionErrorCode, 'store_unavailable'>;

const clientCodes = (Object.keys(ERRORS) as SessionErrorCode[]).filter(
  (code): code is ClientErrorCode => code !== 'store_unavailable',
);

describe('an error of the package', () => {
  it.each(clientCodes)('%s has a code, a status, a message that a client may see, and headers', (code) => {
    expect(sessionError(code)).toMatchObject({
      name: 'SessionError',
      code,
      status: ERRORS[code].status,
      statusCode: ERRORS[code].status,
      expose: true,
      headers: {},
      message: ERRORS[code].message,
    });
    expect(sessionError(code, 'better', { Allow: 'PUT' })).toMatchObject({
      message: 'better',
      headers: { Allow: 'PUT' },
    });
  });

  it('has one shape, whichever code it has', () => {
    const shapeOf = (error: object) => Object.keys(error).sort();
    expect(shapeOf(new StoreUnavailableError('x'))).toEqual(shapeOf(sessionError('forbidden')));
  });

  it('has no class that the package exports', () => {
    const classes = Object.values(everything).filter((value) => value?.prototype instanceof Error);
    expect(classes).toEqual([]);
  });
});

describe('isSessionError', () => {
  it('is true for an error of this build and of the other', async () => {
    const own = [sessionError('forbidden'), new StoreUnavailableError('x')];
    vi.resetModules();
    const other = await import('../../src/http/errors.js');
    const { StoreUnavailableError: OtherError } = await import(
      '../../src/store-calls/store-unavailable-error.js'
    );
    expect(other.sessionError).not.toBe(sessionError);
    const others = [other.sessionError('forbidden'), new OtherError('x')];
    for (const error of [...own, ...others]) {
      expect(isSessionError(error)).toBe(true);
      expect(other.isSessionError(error)).toBe(true);
    }
  });

  it('is false for anything else', () => {
    const trap = () => {
      throw new Error('a trap');
    };
    const alike = Object.assign(new Error('x'), { name: 'SessionError', code: 'forbidden', status: 403 });
    const unreadable = new Proxy({}, { get: trap, has: trap, getPrototypeOf: trap });
    for (const error of [alike, new Error('x'), undefined, null, 'forbidden', {}, unreadable])
      expect(isSessionError(error)).toBe(false);
  });
});

describe('respondWithError', () => {
  it('does nothing once the app has responded', () => {
    const next = vi.fn();
    const end = vi.fn();
    for (const error of [sessionError('forbidden'), new Error('x')])
      respondWithError({ headersSent: true, end } as unknown as ServerResponse, error, next);
    expect([next, end]).toEqual([expect.toSatisfy(wasNotCalled), expect.toSatisfy(wasNotCalled)]);
  });

  it('passes on an error that is not of the package', () => {
    const next = vi.fn();
    const error = new Error('a bug of the app');
    respondWithError({ headersSent: false } as ServerResponse, error, next);
    expect(next).toHaveBeenCalledExactlyOnceWith(error);
  });

  it('passes the error on if there is no response, as for an upgrade', () => {
    const next = vi.fn();
    const error = sessionError('forbidden');
    respondWithError({} as ServerResponse, error, next);
    expect(next).toHaveBeenCalledExactlyOnceWith(error);
  });

  it('passes on what the response throws', () => {
    const next = vi.fn();
    const thrown = new Error('a bug of a wrapper');
    const setHeader = () => {
      throw thrown;
    };
    respondWithError(
      { headersSent: false, setHeader } as unknown as ServerResponse,
      sessionError('forbidden'),
      next,
    );
    expect(next).toHaveBeenCalledExactlyOnceWith(thrown);
  });
});

function wasNotCalled(mock: ReturnType<typeof vi.fn>): boolean {
  return mock.mock.calls.length === 0;
}

describe('toError', () => {
  it('returns an error as it is, and anything else as the cause of one', () => {
    const error = new TypeError('x');
    expect(toError(error)).toBe(error);
    for (const thrown of ['route', 'router', undefined, null, 7]) {
      expect(toError(thrown)).toBeInstanceOf(Error);
      expect(toError(thrown).cause).toBe(thrown);
    }
  });
});

describe('safeInstanceof', () => {
  it('is false for a value that throws', () => {
    const trap = () => {
      throw new Error('a trap');
    };
    expect(safeInstanceof(Error, new Proxy({}, { getPrototypeOf: trap }))).toBe(false);
    expect(safeInstanceof(Error, new TypeError('x'))).toBe(true);
  });
});
