import { execFile } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import type { Express } from 'express';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import { createMemoryStore, type SessionStore } from '../../src/index.js';
import { listen } from '../http/hosts.js';
import { attackVisitors } from './attack-visitors.js';
import { block } from './docs-pages.js';
import { runBlock } from './run-block.js';
import { runSample, type SampleFiles, writeSample } from './sample-process.js';
import { get, post, secret } from './visitor.js';
import { YOURS } from './yours.js';

const PAGE = 'testing.md';
const LIMIT = { timeout: 60_000 };
const require = createRequire(import.meta.url);

const text = (name: string) => block(PAGE, name).text;
const createApp = (store: SessionStore): Express =>
  runBlock<{ createApp(store: SessionStore, secret: string): Express }>(PAGE, 'app').createApp(store, secret);

/** Runs a program of Node's in a folder with these files, and returns what it printed. Rejects if it fails. */
async function run(files: SampleFiles, ...args: string[]): Promise<string> {
  const cwd = await writeSample(files);
  const { stdout, stderr } = await promisify(execFile)(process.execPath, args, {
    cwd,
    ...LIMIT,
    killSignal: 'SIGKILL',
    env: { PATH: process.env.PATH, HOME: process.env.HOME, NO_COLOR: '1' },
  });
  return stdout + stderr;
}

/** The program of an installed package. */
const bin = (name: string, path: string) => join(dirname(require.resolve(`${name}/package.json`)), path);

describe('the samples run with', LIMIT, () => {
  it('Vitest', async () => {
    const files = {
      'app.ts': text('app'),
      'app.test.ts': text('app-test'),
      'expiry.test.ts': text('expiry-test'),
      'vitest.config.mjs': 'export default {};',
    };
    expect(await run(files, bin('vitest', 'vitest.mjs'), 'run', '--root', '.')).toMatch(/Tests +2 passed/);
  });

  it('node:test', async () => {
    const imports = "import { it } from 'node:test';\nimport { expect } from 'expect';";
    const files = {
      'app.ts': text('app'),
      'app.test.ts': text('app-test').replace("import { expect, it } from 'vitest';", imports),
    };
    expect(await run(files, '--import', 'tsx', '--test', 'app.test.ts')).toMatch(/^. pass 1$/m);
  });

  it('Jest', async () => {
    const commonJs = (name: string) =>
      ts.transpile(
        text(name)
          .replace(/^import .* from 'vitest';\n/m, '')
          .replaceAll('vi.', 'jest.')
          .replace('./app.js', './app.cjs'),
        { module: ts.ModuleKind.CommonJS, target: ts.ScriptTarget.ES2022, esModuleInterop: true },
      );
    const files = {
      'app.cjs': commonJs('app'),
      'app.test.cjs': commonJs('app-test'),
      'expiry.test.cjs': commonJs('expiry-test'),
      'jest.config.cjs': "module.exports = { testMatch: ['**/*.test.cjs'], transform: {} };",
    };
    const output = await run(files, bin('jest', 'bin/jest.js'), '--watchman=false', '-c', 'jest.config.cjs');
    expect(output).toMatch(/Tests: +2 passed, 2 total/);
  });
});

it('the test of a NestJS app runs with Vitest', LIMIT, async () => {
  const options = {
    module: ts.ModuleKind.ESNext,
    target: ts.ScriptTarget.ES2022,
    experimentalDecorators: true,
    emitDecoratorMetadata: true,
  };
  const toJs = (source: string) => ts.transpile(source, options);
  const names = ['nest', 'customer-guard', 'session-error-filter'];
  const files = {
    ...Object.fromEntries(names.map((name) => [`${name}.js`, toJs(block('integrations.md', name).text)])),
    'check-password.js': toJs(YOURS['check-password'] as string),
    'refuse-other-sites.js': toJs(YOURS['refuse-other-sites'] as string),
    'nest.test.js': toJs(text('nest-test')),
    'vitest.config.mjs': 'export default {};',
  };
  expect(await run(files, bin('vitest', 'vitest.mjs'), 'run', '--root', '.')).toMatch(/Tests +1 passed/);
});

describe('the app', () => {
  it('keeps visitors apart', async () => {
    const { url } = await listen(createApp(createMemoryStore()));
    const logIn = async () => (await post(`${url}/login`, { name: 'ann', password: 'right' })).cookie;
    await attackVisitors({ url, who: '/me', logIn });
  });

  it('starts with a secret only', LIMIT, async () => {
    const files = { 'app.ts': text('app'), 'server.ts': text('server') };
    await expect(runSample('server.ts', files)).rejects.toThrow('Set SESSION_SECRET to a long random string');
    const { url } = await runSample('server.ts', files, { SESSION_SECRET: secret });
    expect((await get(`${url}/me`)).body).toEqual({ customerId: null });
  });
});

it('a request can be logged in by the store and a signed cookie', async () => {
  const { cookieOf } = runBlock<{
    cookieOf(store: SessionStore, secret: string, customerId: string): Promise<string>;
  }>(PAGE, 'logged-in');
  const store = createMemoryStore();
  const { url } = await listen(createApp(store));
  expect((await get(`${url}/me`, await cookieOf(store, secret, 'ann'))).body).toEqual({ customerId: 'ann' });
  expect((await get(`${url}/me`, await cookieOf(store, 'other', 'ann'))).body).toEqual({ customerId: null });
});
