import { sign } from 'cookie-signature';
import { describe, expect, it, onTestFinished } from 'vitest';
import {
  checkCookieOptions,
  clearCookieHeader,
  findCookies,
  setCookieHeader,
  verifyCookie,
} from '../../../src/http/cookie/cookie-format.js';

const find = (header: string | undefined) => findCookies(header, 'connect.sid');

describe('findCookies', () => {
  it.each<[string | undefined, string[]]>([
    [undefined, []],
    ['', []],
    ['a=b; c=d', []],
    ['connect.sid=x', ['connect.sid=x']],
    ['a=b;connect.sid=x;c=d', ['connect.sid=x']],
    ['a=b; \tconnect.sid=x \t; c=d', ['connect.sid=x']],
    [' connect.sid=x y ', ['connect.sid=x y']],
    ['connect.sid=a=b', ['connect.sid=a=b']],
    ['a=connect.sid=x; b=y', []],
    ['xconnect.sid=x; Connect.sid=x; connect.sid =x; \xa0connect.sid=x', []],
    ['connect.sid; connect.sid=; connect.sid= ; connect.sid', []],
    ['connect.sid=; connect.sid=x', ['connect.sid=x']],
    ['connect.sid=x; connect.sid=x;connect.sid=x', ['connect.sid=x']],
    ['connect.sid=x; connect.sid=y', ['connect.sid=x', 'connect.sid=y']],
    ['connect.sid=x; connect.sid=x; connect.sid=y; connect.sid=z', ['connect.sid=x', 'connect.sid=y']],
    ['connect.sid=connect.sid=; connect.sid=', ['connect.sid=connect.sid=']],
  ])('in %j finds %j', (header, pairs) => {
    expect(find(header)).toEqual(pairs);
  });

  it('finds what splitting at semicolons finds', () => {
    const parts = ['connect.sid=', 'connect.sid=x', 'sid=', ' ', '\t', ';', '=', 'x', 'connect.'];
    for (let seed = 0; seed < 5000; seed++) {
      const header = Array.from({ length: 6 }, (_, i) => parts[(seed * 7 ** i) % parts.length]).join('');
      const pairs = header
        .split(';')
        .map((part) => part.replace(/^[ \t]+|[ \t]+$/g, ''))
        .filter((part) => part.startsWith('connect.sid=') && part !== 'connect.sid=');
      expect(find(header), JSON.stringify(header)).toEqual([...new Set(pairs)].slice(0, 2));
    }
  });
});

describe('verifyCookie', () => {
  const settings = checkCookieOptions('test', { secret: ['new', 'old'] });
  const signed = (id: string, secret: string) => `connect.sid=${encodeURIComponent(`s:${sign(id, secret)}`)}`;

  it('returns the ID and the secret that signed it', () => {
    expect(verifyCookie(signed('a', 'new'), settings)).toEqual({ sessionId: 'a', secret: 'new' });
    expect(verifyCookie(signed('a', 'old'), settings)).toEqual({ sessionId: 'a', secret: 'old' });
  });

  it('returns undefined for what is unsigned, forged or no session ID', () => {
    const wrong = ['connect.sid=a', 'connect.sid=s%3Aa.b', 'connect.sid=%', signed('a', 'other')];
    for (const pair of [...wrong, signed('a b', 'new'), signed('new', 'new'), signed('x'.repeat(129), 'new')])
      expect(verifyCookie(pair, settings)).toBeUndefined();
  });

  it('accepts each character of the longest ID percent-encoded, and nothing longer', () => {
    const id = 'x'.repeat(128);
    const encoded = [...`s:${sign(id, 'new')}`]
      .map((letter) => `%${letter.charCodeAt(0).toString(16)}`)
      .join('');
    expect(verifyCookie(`connect.sid=${encoded}`, settings)?.sessionId).toBe(id);
    expect(verifyCookie(`connect.sid=${encoded}x`, settings)).toBeUndefined();
  });
});

describe('checkCookieOptions', () => {
  it('reads each option once, and own ones only', () => {
    let reads = 0;
    const options = Object.assign(Object.create({ domain: 'evil.example', maxAge: 5 }), { path: '/shop' });
    Object.defineProperty(options, 'secret', { enumerable: true, get: () => (reads++ === 0 ? 's' : '') });
    const settings = checkCookieOptions('test', options);
    expect(settings).toMatchObject({ secrets: ['s'], path: '/shop', name: 'connect.sid' });
    expect(settings.domain).toBeUndefined();
    expect(reads).toBe(1);
  });

  it('keeps its own list of secrets', () => {
    const secret = ['a', 'b'];
    const settings = checkCookieOptions('test', { secret });
    secret[0] = '';
    expect(settings.secrets).toEqual(['a', 'b']);
  });
});

it('a polluted Object.prototype shows in no Set-Cookie', () => {
  const settings = checkCookieOptions('test', { secret: 's' });
  const polluted = {
    domain: 'evil.example',
    maxAge: 5,
    sameSite: 'none',
    partitioned: true,
    priority: 'low',
  };
  for (const [name, value] of Object.entries(polluted))
    Object.defineProperty(Object.prototype, name, { value, configurable: true });
  onTestFinished(() => {
    for (const name of Object.keys(polluted)) delete (Object.prototype as Record<string, unknown>)[name];
  });
  const moment = { isSecure: false, now: 0 };
  expect(setCookieHeader(settings, 'a', moment)).toMatch(/^connect\.sid=s%3Aa\.[^;]+; Path=\/; HttpOnly$/);
  expect(clearCookieHeader(settings, moment)).toBe(
    'connect.sid=; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT; HttpOnly',
  );
});
