import { createHmac } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { sign } from 'cookie-signature';
import { describe, expect, it } from 'vitest';
import { createSession } from '../src/http/new-session.js';
import { guardOf } from '../src/store-calls/store-guard.js';
import { createMemoryStore } from '../src/stores/memory.js';
import { ALL_VARIANTS } from './variants.js';

const SRC = new URL('../src/', import.meta.url);
const sources = readdirSync(SRC, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts'))
  .map((file) => ({ file, source: readFileSync(new URL(file, SRC), 'utf8') }));

/** The files that contain a pattern. */
const filesWith = (pattern: RegExp) =>
  sources.filter(({ source }) => pattern.test(source)).map(({ file }) => file);

describe('the IDs of new sessions', () => {
  it('are all different', async () => {
    const count = ALL_VARIANTS ? 1_000_000 : 100_000;
    const settings = { guard: guardOf(createMemoryStore({ max: 1 })), generateId: undefined };
    const ids = new Set<string>();
    while (ids.size < count) {
      const { sessionId } = await createSession({} as never, settings, {});
      if (ids.has(sessionId)) throw new Error(`repeated after ${ids.size}`);
      ids.add(sessionId);
    }
    expect(ids.size).toBe(count);
  });

  it('come only from node:crypto', () => {
    expect(filesWith(/Math\s*\.\s*random|Math\s*\[|webcrypto|getRandomValues|pseudoRandom/)).toEqual([]);
    expect(
      filesWith(/[^.`]random(?:UUID|Bytes|Int)\(/).filter((file) => !file.startsWith('testing/')),
    ).toEqual(['http/new-session.ts', 'stores/memory/customer-index.ts']);
    const newSession = sources.find(({ file }) => file === 'http/new-session.ts');
    expect(newSession?.source).toMatch(/^import \{ randomUUID \} from 'node:crypto';$/m);
  });
});

describe('signatures', () => {
  it('are created and verified only by cookie-signature, which compares them in constant time', () => {
    expect(filesWith(/cookie-signature|createHmac|\bunsign\(/)).toEqual(['http/cookie/cookie-format.ts']);
    const { source = '' } = sources.find(({ file }) => file === 'http/cookie/cookie-format.ts') ?? {};
    // A new one goes into Set-Cookie only, and is not compared.
    expect(source.match(/\bsign\(/g)).toHaveLength(1);
    expect(source).toMatch(/const value = `s:\$\{sign\(/);
  });

  it('are HMAC-SHA-256', () => {
    const mac = createHmac('sha256', 'secret').update('value').digest('base64').replace(/=+$/, '');
    expect(sign('value', 'secret')).toBe(`value.${mac}`);
  });
});
