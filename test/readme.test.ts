import { execFile, fork, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import ts from 'typescript';
import { afterAll, beforeAll, describe, expect, it, type TestContext } from 'vitest';
import { attachSession, createMemoryStore, createSessionRouter } from '../src/index.js';
import { ASSOCIATION_NAMES, MAX_ASSOCIATION_LENGTH } from '../src/session-info.js';
import { DEFAULT_ABSOLUTE_TIMEOUT, DEFAULT_IDLE_TIMEOUT } from '../src/stores/shared/session-timeouts.js';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const LIMIT = { timeout: 50_000 };
const run = promisify(execFile);
const resolve = createRequire(import.meta.url).resolve;
const packageFile = (name: string, file: string) => join(dirname(resolve(`${name}/package.json`)), file);

const readme = await readFile(join(ROOT, 'README.md'), 'utf8');

/** The code blocks of one language, in order. */
function blocks(language: string): string[] {
  return [...readme.matchAll(/^```(\w+)\n(.*?)^```$/gms)]
    .filter((block) => block[1] === language)
    .map((block) => block[2] as string);
}

const [mapStore] = blocks('ts').filter((code) => code.startsWith('// map-store.ts')) as [string];
const storeTests = blocks('ts').filter((code) => code.startsWith('// map-store.test.ts'));
const hosts = blocks('ts').filter((code) => code.includes('.listen('));

/** Inside the repository, where the package's own name resolves to what was built. */
let folder: string;

beforeAll(async () => {
  if (!existsSync(join(ROOT, 'dist/esm/index.js')))
    throw new Error('the README is about the built package; run `npm run build` first');
  folder = await mkdtemp(join(ROOT, '.readme-test-'));
});

afterAll(() => rm(folder, { recursive: true, force: true }));

async function write(path: string, content: string): Promise<string> {
  const file = join(folder, path);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, content);
  return file;
}

type OnTestFinished = TestContext['onTestFinished'];

/** Runs a block that listens on port 3000, but on a free port, until the test ends. */
async function startHost(onTestFinished: OnTestFinished, name: string, code: string): Promise<string> {
  const freePort = `
    import { Server } from 'node:net';
    const { listen } = Server.prototype;
    Server.prototype.listen = function (port, ...rest) {
      if (port !== 3000) return listen.call(this, port, ...rest);
      this.once('listening', () => process.send(this.address().port));
      return listen.call(this, 0, '127.0.0.1');
    };`;
  const preload = `data:text/javascript,${encodeURIComponent(freePort)}`;
  const child = fork(await write(name, code), { execArgv: ['--import', 'tsx', '--import', preload] });
  const killer = setTimeout(() => child.kill('SIGKILL'), LIMIT.timeout);
  const exited = once(child, 'exit');
  onTestFinished(async () => {
    clearTimeout(killer);
    child.kill('SIGKILL');
    await exited;
  });
  const [port] = await Promise.race([
    once(child, 'message'),
    exited.then(() => Promise.reject(new Error('the host ended before it listened'))),
  ]);
  return `http://127.0.0.1:${port}`;
}

// At the same time: the conformance cases wait most of their time.
describe.concurrent('the code of the README', () => {
  it('type-checks, every TypeScript block, against the built package', async () => {
    for (const [i, code] of blocks('ts').entries()) {
      await write(`types/${i}/block.ts`, code);
      await write(`types/${i}/map-store.ts`, mapStore);
    }
    const compilerOptions = { noEmit: true, skipLibCheck: true };
    const config = { extends: '../../tsconfig.json', compilerOptions, include: ['**/*.ts'], exclude: [] };
    await write('types/tsconfig.json', JSON.stringify(config));
    const tsc = packageFile('typescript', 'bin/tsc');
    const check = run(process.execPath, [tsc, '-p', join(folder, 'types')], LIMIT);
    const { stdout } = await check.catch((error: { stdout: string }) => error);
    expect(stdout).toBe('');
  });

  it('has hosts that start and serve the routes', async ({ onTestFinished }) => {
    expect(hosts).toHaveLength(3);
    const answers = await Promise.all(
      hosts.map(async (code, i) => {
        const url = await startHost(onTestFinished, `hosts/${i}.ts`, code);
        const prefix = code.includes('/api/v1') ? '/api/v1' : '';
        return (await fetch(`${url}${prefix}/sessions/new`, { method: 'PUT' })).status;
      }),
    );
    expect(answers).toEqual([201, 201, 201]);
  });

  it('has lines for curl that work on the first of them', async ({ skip, onTestFinished }) => {
    const [lines] = blocks('sh').filter((code) => code.includes('curl')) as [string];
    const noCurl = spawnSync('curl', ['--version']).status !== 0 || !existsSync('/bin/sh');
    skip(noCurl && process.env.REQUIRE_ALL_SUITES !== '1', 'this machine has no curl or no /bin/sh');
    const url = await startHost(onTestFinished, 'host.ts', hosts[0] as string);
    const script = lines.replaceAll('http://localhost:3000', url).replace(/^curl.*$/gm, '$&; echo');
    const { stdout } = await run('/bin/sh', ['-c', script], LIMIT);
    const [updated, found, article] = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(updated).toMatchObject({ customerId: 'customer-42', agentId: 'agent-7', visitId: 'visit-1' });
    expect(found).toEqual(updated);
    expect(article).toEqual({ readBy: 'customer-42' });
  });

  it('has a host in CommonJS', async ({ onTestFinished }) => {
    const [requires] = blocks('js') as [string];
    const [, rest] = (hosts[0] as string).split('\n\n') as [string, string];
    const url = await startHost(onTestFinished, 'server.cjs', `${requires}\n${rest}`);
    expect((await fetch(`${url}/sessions/new`, { method: 'PUT' })).status).toBe(201);
  });

  it.each(['typescript', 'typescript7'])('has settings with which %s makes a host', async (compiler) => {
    const [settings] = blocks('jsonc') as [string];
    await write(`${compiler}/tsconfig.json`, settings);
    await write(`${compiler}/server.mts`, hosts[0] as string);
    await run(process.execPath, [packageFile(compiler, 'bin/tsc'), '-p', join(folder, compiler)], LIMIT);
    expect(existsSync(join(folder, compiler, 'dist/server.mjs'))).toBe(true);
  });

  it('has a test for Jest that passes', async () => {
    const [, code] = blocks('js') as [string, string];
    await write('jest/session.test.js', code);
    // In place of the repository's own package.json, which says that .js is an ES module.
    await write('jest/package.json', '{}');
    const built = join(ROOT, 'dist/cjs/index.js');
    const config = { moduleNameMapper: { '^express-session-info$': built }, watchman: false };
    const args = ['--rootDir', join(folder, 'jest'), '--config', JSON.stringify(config)];
    const { stderr } = await run(process.execPath, [packageFile('jest', 'bin/jest.js'), ...args], LIMIT);
    expect(stderr).toContain('1 passed');
  });

  it('shows a SessionInfo and an error in the form that the routes give them', () => {
    const [info, error] = blocks('json').map((text) => JSON.parse(text));
    expect(Object.keys(info)).toEqual(['sessionId', ...ASSOCIATION_NAMES, 'createdAt', 'updatedAt']);
    expect(error).toEqual({ error: { code: 'session_not_found', message: 'Session not found' } });
  });

  it('links to what is there', () => {
    const headings = [...readme.matchAll(/^#+ (.*)$/gm)].map(([, text = '']) =>
      text
        .toLowerCase()
        .replace(/[^\w -]/g, '')
        .replaceAll(' ', '-'),
    );
    for (const [, target = ''] of readme.matchAll(/\]\(([^)]+)\)/g)) {
      if (target.startsWith('#')) expect(headings).toContain(target.slice(1));
      else if (!target.startsWith('https:')) expect(existsSync(join(ROOT, target)), target).toBe(true);
    }
  });
});

describe.concurrent('the store of the README', () => {
  /** How to run the test file in a folder, by what the file imports its `test` from. */
  const runners: Record<string, (at: string) => string[]> = {
    vitest: (at) => [packageFile('vitest', 'vitest.mjs'), 'run', '--root', at],
    'node:test': (at) => ['--import', 'tsx', '--test', join(at, 'map-store.test.ts')],
    '@jest/globals': (at) => [
      '--experimental-vm-modules',
      packageFile('jest', 'bin/jest.js'),
      '--rootDir',
      at,
      '--config',
      '{"transform":{}}',
    ],
  };

  it.each(Object.keys(runners))('passes the conformance cases with %s', async (runner) => {
    const code = storeTests.find((test) => test.includes(`from '${runner}'`)) as string;
    const at = `store-${runner.replace(/\W/g, '')}`;
    const isJest = runner === '@jest/globals';
    await write(`${at}/map-store.${isJest ? 'js' : 'ts'}`, isJest ? toJavaScript(mapStore) : mapStore);
    await write(`${at}/map-store.test.${isJest ? 'js' : 'ts'}`, code);
    // In place of the repository's own, which Vitest would find above the folder.
    await write(`${at}/vitest.config.js`, 'export default {};');
    const { PATH, HOME } = process.env;
    const args = (runners[runner] as (at: string) => string[])(join(folder, at));
    const { stdout, stderr } = await run(process.execPath, args, { ...LIMIT, env: { PATH, HOME } });
    expect(stdout + stderr).toMatch(/(Tests|[#ℹ] tests).*\d\d/);
    expect(stdout + stderr).not.toMatch(/[1-9]\d* failed|[#ℹ] fail [1-9]/);
  });
});

describe('the tables of the README', () => {
  it('name every option of the router and the middleware, and no other', () => {
    const rows = tableAfter('## Options');
    const of = (...where: string[]) => rows.filter((row) => where.includes(row[1] as string)).map(first);
    expect(of('both', 'router').sort()).toEqual(
      optionsOf((options) => createSessionRouter(createMemoryStore(), options)),
    );
    expect(of('both', 'attach').sort()).toEqual(
      optionsOf((options) => attachSession(createMemoryStore(), options)),
    );
    expect(of('both', 'router', 'attach')).toHaveLength(rows.length);
  });

  it('name every option of the cookie', () => {
    const cookie = (options: object) =>
      createSessionRouter(createMemoryStore(), { cookie: { secret: 's', ...options } });
    expect(tableAfter('## Cookie').map(first).sort()).toEqual(optionsOf(cookie));
  });

  it('name every option of the memory store, with its default', () => {
    const rows = tableAfter('\n`createMemoryStore`:');
    expect(rows.map(first).sort()).toEqual(optionsOf(createMemoryStore));
    const defaults = Object.fromEntries(
      rows.map((row) => [first(row), Number(/\d+/.exec(row[1] ?? '')?.[0])]),
    );
    expect(defaults).toMatchObject({
      idleTimeout: DEFAULT_IDLE_TIMEOUT,
      absoluteTimeout: DEFAULT_ABSOLUTE_TIMEOUT,
    });
  });

  it('name every error code with its status', async () => {
    const source = await readFile(join(ROOT, 'src/http/errors.ts'), 'utf8');
    const codes = [...source.matchAll(/^ {2}(\w+): \{\s*status: (\d+)/gm)].map(([, code, status]) => [
      status,
      code,
    ]);
    expect(codes.length).toBeGreaterThan(5);
    expect(tableAfter('## Errors').map((row) => [row[0], unquote(row[1])])).toEqual(codes);
  });

  it('say the limits of the code', async () => {
    const body = await readFile(join(ROOT, 'src/http/request-body.ts'), 'utf8');
    expect(body).toContain('MAX_BODY_BYTES = 16 * 1024');
    const limits = tableAfter('### Inputs and limits').flat().join('\n');
    expect(limits).toContain('16 KiB');
    expect(limits).toContain(`1 to ${MAX_ASSOCIATION_LENGTH} UTF-16 units`);
  });
});

/** Jest runs no TypeScript by itself. */
function toJavaScript(code: string): string {
  const compilerOptions = { target: ts.ScriptTarget.ES2023, module: ts.ModuleKind.ESNext };
  return ts.transpileModule(code, { compilerOptions }).outputText;
}

/** The rows of the first table after a text, without its head. */
function tableAfter(text: string): string[][] {
  const start = readme.indexOf(text);
  if (start === -1) throw new Error(`the README has no "${text}"`);
  const table = /^\|.*\n\|[-|]+\|\n((?:\|.*\n)+)/m.exec(readme.slice(start))?.[1] ?? '';
  return table
    .trim()
    .split('\n')
    .map((row) =>
      row
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
}

function first(row: string[]): string {
  return unquote(row[0]);
}

function unquote(cell = ''): string {
  return cell.replaceAll('`', '');
}

/** The names that a factory tells when it is given one that it does not know, sorted. */
function optionsOf(factory: (options: object) => unknown): string[] {
  try {
    factory({ noSuchOption: 1 });
  } catch (error) {
    const names = /unknown option "noSuchOption"; use (.*)$/.exec((error as Error).message)?.[1];
    if (names) return names.split(', ').sort();
  }
  throw new Error('the factory took an unknown option');
}
