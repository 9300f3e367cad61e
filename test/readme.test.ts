import { execFile, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { ERRORS } from '../src/http/errors.js';
import { attachSession, createMemoryStore, createSessionRouter } from '../src/index.js';
import { attackVisitors } from './docs/attack-visitors.js';
import { block } from './docs/docs-pages.js';
import { runSample, type SampleFiles, writeSample } from './docs/sample-process.js';
import { YOURS } from './docs/yours.js';
import { needs } from './servers/needs.js';
import { startPostgres } from './servers/postgres.js';
import { startRedis } from './servers/redis.js';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const LIMIT = { timeout: 50_000 };
const run = promisify(execFile);
const require = createRequire(import.meta.url);

const readme = await readFile(join(ROOT, 'README.md'), 'utf8');
const blocks = [...readme.matchAll(/^```(\w+)\n(.*?)^```$/gms)].map(([, language = '', text = '']) => ({
  language,
  text,
}));

/** The samples, by the file name in their first line. */
const samples: SampleFiles = Object.fromEntries(
  blocks.flatMap(({ text }) => {
    const [, name] = /^\/\/ ([\w-]+\.m?[jt]s)\n/.exec(text) ?? [];
    return name ? [[name, text]] : [];
  }),
);

/** What the samples leave to the reader, or to another page. */
const yours: SampleFiles = {
  'check-password.ts': YOURS['check-password'] as string,
  'node-redis.ts': block('stores.md', 'node-redis').text,
  'pg.ts': block('stores.md', 'pg').text,
};

const secrets = { SESSION_SECRET: 'a secret of this test', SERVICE_KEY: 'a key of this test' };

const listening = (sample: string) => `import { app } from './${sample}.js';\napp.listen(3000);\n`;

const cookieOf = (response: Response) => (response.headers.get('set-cookie') ?? '').split(';')[0] as string;

describe('the samples of the README', LIMIT, () => {
  it('type-check, against the built package', async () => {
    const compilerOptions = { noEmit: true, skipLibCheck: true };
    const config = { extends: '../tsconfig.json', compilerOptions, include: ['*.ts'], exclude: [] };
    const folder = await writeSample({ ...samples, ...yours, 'tsconfig.json': JSON.stringify(config) });
    const tsc = join(dirname(require.resolve('typescript/package.json')), 'bin/tsc');
    const { stdout } = await run(process.execPath, [tsc, '-p', folder], LIMIT).catch(
      (error: { stdout: string }) => error,
    );
    expect(stdout).toBe('');
  });

  it('the first one does what the console shows', async ({ skip }) => {
    const { text } = blocks.find(({ language }) => language === 'console') as { text: string };
    skip(spawnSync('curl', ['--version']).status !== 0 && process.env.REQUIRE_ALL_SUITES !== '1', 'no curl');
    const { url } = await runSample('server.mjs', samples, secrets);
    const [, ...lines] = text.trim().split('\n');
    const folder = await writeSample({});
    for (let i = 0; i < lines.length; i += 2) {
      const command = (lines[i] as string)
        .slice(2)
        .replace('curl', 'curl -s')
        .replace('http://localhost:3000', url);
      const { stdout } = await run('/bin/sh', ['-c', command], { ...LIMIT, cwd: folder });
      expect(stdout).toBe(lines[i + 1]);
    }
  });

  it('the first one keeps visitors apart, on Express 5', async () => {
    const { url, exitCode } = await runSample('server.mjs', samples, secrets);
    const logIn = async () => cookieOf(await fetch(`${url}/login`, { method: 'POST' }));
    await attackVisitors({ url, who: '/', logIn });
    expect(exitCode()).toBeUndefined();
  });

  it('the first one keeps visitors apart, on Express 4', async () => {
    const express4 = { 'server.mjs': (samples['server.mjs'] as string).replace("'express'", "'express4'") };
    const { url, exitCode } = await runSample('server.mjs', express4, secrets);
    const logIn = async () => cookieOf(await fetch(`${url}/login`, { method: 'POST' }));
    await attackVisitors({ url, who: '/', logIn });
    expect(exitCode()).toBeUndefined();
  });

  it('visitors log in with a password and log out, and are kept apart', async () => {
    const files = { ...samples, ...yours, 'main.ts': listening('visitors') };
    const { url, exitCode } = await runSample('main.ts', files, secrets);
    const post = (path: string, body: object, cookie = '') =>
      fetch(url + path, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json', cookie },
        body: JSON.stringify(body),
      });
    expect((await post('/login', { name: 'ann', password: 'wrong' })).status).toBe(401);
    expect((await fetch(`${url}/orders`)).status).toBe(400);
    const logIn = async () => cookieOf(await post('/login', { name: 'ann', password: 'right' }));
    const cookie = await logIn();
    expect(await (await fetch(`${url}/orders`, { headers: { cookie } })).json()).toEqual({
      customerId: 'ann',
      orders: [],
    });
    await attackVisitors({ url, who: '/orders', logIn });
    expect(await (await post('/logout', {}, cookie)).json()).toEqual({ loggedOut: true });
    expect((await fetch(`${url}/orders`, { headers: { cookie } })).status).toBe(404);
    expect(exitCode()).toBeUndefined();
  });

  it('services need the key for the routes', async () => {
    const { url } = await runSample('main.ts', { ...samples, 'main.ts': listening('services') }, secrets);
    for (const authorization of ['', 'Bearer ', 'Bearer wrong', 'Bearer undefined', secrets.SERVICE_KEY]) {
      const refused = await fetch(`${url}/sessions/new`, {
        method: 'PUT',
        headers: { authorization, gkc_customerId: 'c' },
      });
      expect(refused.status).toBe(403);
    }
    const headers = { authorization: `Bearer ${secrets.SERVICE_KEY}`, gkc_customerId: 'c' };
    const created = await fetch(`${url}/sessions/new`, { method: 'PUT', headers });
    expect(await created.json()).toMatchObject({ customerId: 'c' });
  });

  it.each([
    ['server.mjs', 'SESSION_SECRET'],
    ['visitors.ts', 'SESSION_SECRET'],
    ['services.ts', 'SERVICE_KEY'],
  ])('%s does not start without %s', async (main, name) => {
    await expect(runSample(main, { ...samples, ...yours })).rejects.toThrow(
      `Set ${name} to a long random string`,
    );
  });
});

/** Serves the routes on the store that a sample exports. */
const serveStore = (sample: string) => `
  import express from 'express';
  import { createSessionRouter } from 'express-session-info';
  import { store } from './${sample}.js';
  express().use(createSessionRouter(store)).listen(3000);`;

const put = async (url: string) => (await fetch(`${url}/sessions/new`, { method: 'PUT' })).status;

it.each([
  ['redis-store', 'REDIS_URL'],
  ['postgres-store', 'DATABASE_URL'],
])('%s does not start without an address, and so on no server by chance', LIMIT, async (sample, name) => {
  const files = { ...samples, ...yours, 'main.ts': serveStore(sample) };
  await expect(runSample('main.ts', files)).rejects.toThrow(`Set ${name}, such as`);
});

needs('redis-server')('the Redis sample of the README', () => {
  it('connects, and survives a server that goes away', LIMIT, async () => {
    const redis = await startRedis();
    try {
      const files = { ...samples, ...yours, 'main.ts': serveStore('redis-store') };
      const { url, exitCode } = await runSample('main.ts', files, { REDIS_URL: redis.url });
      expect(await put(url)).toBe(201);
      redis.process.kill('SIGKILL');
      await expect.poll(() => put(url)).toBe(503);
      await redis.startAgain();
      await expect.poll(() => put(url), { timeout: 20_000 }).toBe(201);
      expect(exitCode()).toBeUndefined();
    } finally {
      await redis.stop();
    }
  });
});

needs('postgres')('the Postgres sample of the README', () => {
  it('creates its table, and survives a server that goes away', { timeout: 90_000 }, async () => {
    const postgres = await startPostgres();
    try {
      const files = { ...samples, ...yours, 'main.ts': serveStore('postgres-store') };
      const { url, exitCode } = await runSample('main.ts', files, { DATABASE_URL: postgres.url });
      expect(await put(url)).toBe(201);
      postgres.process.kill('SIGINT');
      await expect.poll(() => put(url), { timeout: 10_000 }).toBe(503);
      await postgres.startAgain();
      await expect.poll(() => put(url), { timeout: 20_000 }).toBe(201);
      expect(exitCode()).toBeUndefined();
    } finally {
      await postgres.stop();
    }
  });
});

describe('the README', () => {
  it('has at most 250 lines', () => {
    expect(readme.split('\n').length - 1).toBeLessThanOrEqual(250);
  });

  it('begins with code, and has its sections in the order in which a newcomer needs them', () => {
    expect(readme.slice(0, readme.indexOf('```js')).split('\n').length).toBeLessThan(20);
    expect([...readme.matchAll(/^## (.*)$/gm)].map(([, heading]) => heading)).toEqual([
      'Try it from this repository',
      'Why not express-session?',
      'Visitors',
      'Services',
      'Options',
      'Stores',
      'Security checklist',
      'Errors',
      'Works with',
      'Documentation',
    ]);
  });

  it('has no default for a secret', () => {
    expect(readme).not.toMatch(/(SECRET|KEY) *(\?\?|\|\|)/);
  });

  it('lists every option of the middleware and the router, and no other', () => {
    const rows = rowsAfter('## Options').map(([name = '']) => /`(\w+)`.*?(?:\((\w+)\))?$/.exec(name) ?? []);
    const of = (...where: (string | undefined)[]) =>
      rows
        .filter(([, , only]) => where.includes(only))
        .map(([, name]) => name)
        .sort();
    expect(of(undefined, 'router')).toEqual(
      optionsOf((options) => createSessionRouter(createMemoryStore(), options)),
    );
    expect(of(undefined, 'attachSession')).toEqual(
      optionsOf((options) => attachSession(createMemoryStore(), options)),
    );
  });

  it('lists every error code with its status, and no other', () => {
    const listed = rowsAfter('## Errors').flatMap(([statuses = '', codes = '']) => {
      const [names, numbers] = [codes.match(/\w+/g) ?? [], statuses.match(/\d+/g) ?? []];
      return names.map((name, i) => [name, Number(numbers[Math.min(i, numbers.length - 1)])]);
    });
    expect(listed).toEqual(Object.entries(ERRORS).map(([code, { status }]) => [code, status]));
  });

  it('links to what is there', () => {
    for (const [, target = ''] of readme.matchAll(/\]\(([^)]+)\)/g)) {
      if (!target.startsWith('https:'))
        expect(existsSync(join(ROOT, target.split('#')[0] as string)), target).toBe(true);
    }
  });
});

/** The rows of the first table after a heading, without its head. */
function rowsAfter(heading: string): string[][] {
  const [, section = ''] = readme.split(`${heading}\n`);
  const [, rows = ''] = /^\|.*\n\|[-|]+\|\n((?:\|.*\n)+)/m.exec(section) ?? [];
  return rows
    .trim()
    .split('\n')
    .map((row) =>
      row
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
}

/** The names that a factory lists when it is given one that it does not know, sorted. */
function optionsOf(factory: (options: object) => unknown): string[] {
  try {
    factory({ noSuchOption: 1 });
  } catch (error) {
    const [, names] = /unknown option "noSuchOption"; use (.*)$/.exec((error as Error).message) ?? [];
    if (names) return names.split(', ').sort();
  }
  throw new Error('the factory accepted an unknown option');
}
