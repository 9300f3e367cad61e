import { readFileSync } from 'node:fs';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { checkCookieOptions } from '../../src/http/cookie/cookie-format.js';
import { attachSession, createMemoryStore, createSessionRouter } from '../../src/index.js';
import { listen } from '../http/hosts.js';
import { readPage, rowsBelow } from './docs-pages.js';
import { runBlock } from './run-block.js';
import { secret } from './visitor.js';

const PAGE = 'options.md';

beforeEach(() => {
  vi.stubEnv('SESSION_SECRET', secret);
});

describe('the sample', () => {
  it('creates a middleware for visitors, and routes for another port only', async () => {
    const { visitors, services } = runBlock<{
      visitors: ReturnType<typeof attachSession>;
      services: ReturnType<typeof createSessionRouter>;
    }>(PAGE, 'options');
    const { url } = await listen((req, res) =>
      visitors(req, res, () => services(req, res, () => res.end('ok'))),
    );
    expect(await (await fetch(url)).text()).toBe('ok');
    expect((await fetch(`${url}/sessions/new`, { method: 'PUT' })).status).toBe(403);
  });

  it('does not start without a secret', () => {
    vi.stubEnv('SESSION_SECRET', '');
    expect(() => runBlock(PAGE, 'options')).toThrow('Set SESSION_SECRET to a long random string');
  });
});

describe('the page', () => {
  const router = optionsOf((options) => createSessionRouter(createMemoryStore(), options));
  const middleware = optionsOf((options) => attachSession(createMemoryStore(), options));

  it('has a section for each option, and for no other', () => {
    const headings = [...readPage(PAGE).matchAll(/^## (\w+)$/gm)].map(([, name]) => name);
    expect(headings.sort()).toEqual([...new Set([...router, ...middleware])].sort());
  });

  it('states the defaults that the README lists', () => {
    const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
    const rows = [...readme.matchAll(/^\| \[`(\w+)`\]\(docs\/options\.md#\w+\).*?\| (`\w+`) \|/gm)];
    expect(rows.length).toBeGreaterThan(6);
    for (const [, name, value] of rows)
      expect(readPage(PAGE)).toMatch(new RegExp(`^## ${name}\n\nDefault ${value}`, 'm'));
  });

  it('says which options are those of one function only', () => {
    const only = (one: string[], other: string[]) => one.filter((name) => !other.includes(name));
    expect(only(router, middleware)).toEqual(['acceptClientIds', 'authorize', 'allowDelete']);
    expect(only(middleware, router)).toEqual(['extend']);
  });

  it('lists the options of the cookie with their defaults', () => {
    const defaults = checkCookieOptions('test', { secret: 's' });
    const rows = rowsBelow(PAGE, '## cookie');
    expect(rows.map(([name]) => name?.slice(1, -1)).sort()).toEqual(
      optionsOf((cookie) => attachSession(createMemoryStore(), { cookie: cookie as never })).sort(),
    );
    const stated = Object.fromEntries(
      rows
        .filter(([, value = '']) => /^`.*`$/.test(value))
        .map(([name = '', value = '']) => [name.slice(1, -1), value.slice(1, -1)]),
    );
    expect(stated).toEqual({
      name: `'${defaults.name}'`,
      path: `'${defaults.path}'`,
      httpOnly: `${defaults.httpOnly}`,
      secure: `'${defaults.secure}'`,
      partitioned: 'false',
    });
  });

  it('says which combinations throw', () => {
    const throws = (cookie: object) => () =>
      attachSession(createMemoryStore(), { cookie: { secret: 's', ...cookie } as never });
    for (const cookie of [
      { sameSite: 'none' },
      { partitioned: true },
      { name: '__Secure-a' },
      { name: '__Host-a' },
      { name: '__Host-a', secure: true, domain: 'example.com' },
      { name: '__Host-a', secure: true, path: '/a' },
    ])
      expect(throws(cookie), JSON.stringify(cookie)).toThrow(TypeError);
    for (const cookie of [
      { sameSite: 'auto' },
      { sameSite: 'none', secure: true },
      { name: '__Host-a', secure: true },
    ])
      expect(throws(cookie), JSON.stringify(cookie)).not.toThrow();
  });

  it('shows no value of a wrong option, which may be a secret', () => {
    const wrong = () => attachSession(createMemoryStore(), { cookie: 'a secret value' as never });
    expect(wrong).toThrow(/option "cookie" must be an object with a secret$/);
  });
});

/** The names that a factory lists when it is given an option that it does not know. */
function optionsOf(factory: (options: object) => unknown): string[] {
  try {
    factory({ noSuchOption: 1 });
  } catch (error) {
    const [, names] = /unknown option "noSuchOption"; use (.*)$/.exec((error as Error).message) ?? [];
    if (names) return names.split(', ');
  }
  throw new Error('the factory accepted an unknown option');
}
