import { describe, expect, it } from 'vitest';
import { copyText, isPlaceholderId, isSessionId, maskSessionId } from '../src/session-id.js';

describe('isSessionId', () => {
  it.each(['a', '0', '-', '_', '~', '...', 'x'.repeat(128), 'newer', 'ne', '__proto__'])(
    'is true for %j',
    (id) => {
      expect(isSessionId(id)).toBe(true);
    },
  );

  it.each([
    '',
    '.',
    '..',
    'new',
    'NEW',
    'nEw',
    'x'.repeat(129),
    'a b',
    'a/b',
    'a\n',
    'é',
    'a%20',
    'a\0',
    7,
    null,
  ])('is false for %j', (id) => {
    expect(isSessionId(id)).toBe(false);
  });
});

describe('isPlaceholderId', () => {
  it('is true for 0 and - only', () => {
    for (const id of ['0', '-', '00000000-0000-0000-0000-0000000000', '0'.repeat(128)])
      expect(isPlaceholderId(id)).toBe(true);
    for (const id of ['', '1', '0a', '0_', '00000000-0000-4000-8000-000000000000', '0\n', '0'.repeat(129)])
      expect(isPlaceholderId(id)).toBe(false);
  });
});

describe('maskSessionId', () => {
  it('tells sessions apart without revealing an ID', () => {
    expect(maskSessionId('a')).toMatch(/^[0-9a-f]{12}$/);
    expect(maskSessionId('a')).toBe(maskSessionId('a'));
    expect(maskSessionId('a')).not.toBe(maskSessionId('b'));
  });
});

describe('copyText', () => {
  it('returns the same text', () => {
    expect(copyText('A-Za.z0_9~')).toBe('A-Za.z0_9~');
    expect(copyText('')).toBe('');
  });
});
