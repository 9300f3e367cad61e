import { createHmac } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { sign } from 'cookie-signature';
import { describe, expect, it } from 'vitest';
import { copyText, isPlaceholderId, isSessionId, maskSessionId } from '../src/session-id.js';

describe('isSessionId', () => {
  it.each(['a', '-', '~', 'A-Z_a.z~09', '...', 'x'.repeat(128), 'news', 'constructor', '__proto__', '0'])(
    'accepts %s',
    (id) => expect(isSessionId(id)).toBe(true),
  );

  it.each([
    '',
    '.',
    '..',
    'new',
    'NEW',
    'New',
    'x'.repeat(129),
    'a b',
    'a/b',
    'a%20',
    'é',
    'a\n',
    '\0',
    7,
    null,
    undefined,
  ])('rejects %j', (id) => expect(isSessionId(id)).toBe(false));
});

describe('isPlaceholderId', () => {
  it('is true of zeros and hyphens only', () => {
    for (const id of ['0', '-', '0-0', '00000000-0000-0000-0000-0000000000', '0'.repeat(128)])
      expect(isPlaceholderId(id), id).toBe(true);
    for (const id of ['01', '0.0', '0_0', 'a', '00000000-0000-0000-0000-000000000001', ''])
      expect(isPlaceholderId(id), id).toBe(false);
  });
});

describe('maskSessionId', () => {
  it('tells sessions apart without revealing their IDs', () => {
    expect(maskSessionId('a')).toMatch(/^[0-9a-f]{12}$/);
    expect(maskSessionId('a')).toBe(maskSessionId('a'));
    expect(maskSessionId('a')).not.toBe(maskSessionId('b'));
  });
});

describe('copyText', () => {
  it('returns the same text', () => {
    expect(copyText('a-session-id-~._')).toBe('a-session-id-~._');
  });
});

const SRC = new URL('../src/', import.meta.url);
const sources = readdirSync(SRC, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts'))
  .map((file) => ({ file, source: readFileSync(new URL(file, SRC), 'utf8') }));

/** The files that contain a pattern. */
const filesWith = (pattern: RegExp) =>
  sources.filter(({ source }) => pattern.test(source)).map(({ file }) => file);

describe('the source', () => {
  it('takes randomness for session IDs from node:crypto only', () => {
    expect(filesWith(/Math\s*\.\s*random|Math\s*\[|webcrypto|getRandomValues|pseudoRandom/)).toEqual([]);
    const users = filesWith(/[^.`]random(?:UUID|Bytes|Int)\(/);
    // The stores and the kit create no session IDs for visitors.
    expect(users.filter((file) => !/^(stores|testing)\//.test(file))).toEqual(['http/new-session.ts']);
    const { source } = sources.find(({ file }) => file === 'http/new-session.ts') ?? {};
    expect(source).toMatch(/^import \{ randomUUID \} from 'node:crypto';$/m);
  });

  it('signs and verifies with cookie-signature only, which compares in constant time', () => {
    expect(filesWith(/cookie-signature|createHmac|\bunsign\(/)).toEqual(['http/cookie/cookie-format.ts']);
    const { source = '' } = sources.find(({ file }) => file === 'http/cookie/cookie-format.ts') ?? {};
    // The signature that is created goes into Set-Cookie only, and is not compared.
    expect(source.match(/\bsign\(/g)).toHaveLength(1);
    expect(source).toMatch(/const value = `s:\$\{sign\(/);
  });

  it('signs with HMAC-SHA-256', () => {
    const mac = createHmac('sha256', 'secret').update('value').digest('base64').replace(/=+$/, '');
    expect(sign('value', 'secret')).toBe(`value.${mac}`);
  });
});
