import { createHmac } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { sign } from 'cookie-signature';
import { describe, expect, it } from 'vitest';
import { createSession, generateUuid } from '../src/http/new-session.js';
import { createStoreGuard } from '../src/store-calls/store-guard.js';
import { createMemoryStore } from '../src/stores/memory.js';

const SRC = new URL('../src/', import.meta.url);
const sources = readdirSync(SRC, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts'))
  .map((file) => ({ file, source: readFileSync(new URL(file, SRC), 'utf8') }));

/** The files that have a pattern in them. */
const filesWith = (pattern: RegExp) =>
  sources.filter(({ source }) => pattern.test(source)).map(({ file }) => file);

describe('session IDs', () => {
  it('a million of them are all different', async () => {
    const settings = { guard: createStoreGuard(createMemoryStore({ max: 1 })), generateId: generateUuid };
    const ids = new Set<string>();
    while (ids.size < 1_000_000) {
      const { sessionId } = await createSession({} as never, settings, {});
      if (ids.has(sessionId)) throw new Error(`repeated after ${ids.size}`);
      ids.add(sessionId);
    }
    expect(ids.size).toBe(1_000_000);
  });

  it('come from node:crypto alone', () => {
    expect(filesWith(/Math\s*\.\s*random|Math\s*\[|webcrypto|getRandomValues|pseudoRandom/)).toEqual([]);
    expect(
      filesWith(/[^.`]random(?:UUID|Bytes|Int)\(/).filter((file) => !file.startsWith('testing/')),
    ).toEqual(['http/new-session.ts']);
    const maker = sources.find(({ file }) => file === 'http/new-session.ts');
    expect(maker?.source).toMatch(/^import \{ randomUUID \} from 'node:crypto';$/m);
  });
});

describe('signatures', () => {
  it('are made and verified by cookie-signature alone, which compares them in constant time', () => {
    expect(filesWith(/cookie-signature|createHmac|\bunsign\(/)).toEqual(['http/signed-cookie.ts']);
    const { source = '' } = sources.find(({ file }) => file === 'http/signed-cookie.ts') ?? {};
    // The one that is made goes into Set-Cookie only, and is not compared.
    expect(source.match(/\bsign\(/g)).toHaveLength(1);
    expect(source).toMatch(/const value = `s:\$\{sign\(/);
  });

  it('are HMAC-SHA-256', () => {
    const mac = createHmac('sha256', 'secret').update('value').digest('base64').replace(/=+$/, '');
    expect(sign('value', 'secret')).toBe(`value.${mac}`);
  });
});
