import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdir, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { describe, expect, it } from 'vitest';
import { variants } from '../variants.js';
import { block, rowsBelow } from './docs-pages.js';
import { runSample, type SampleFiles, writeSample } from './sample-process.js';
import { get, secret } from './visitor.js';
import { YOURS } from './yours.js';

const PAGE = 'setup.md';
const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const LIMIT = { timeout: 60_000 };
const require = createRequire(import.meta.url);
const run = promisify(execFile);

const readme = readFileSync(join(ROOT, 'README.md'), 'utf8');
/** A sample of the README, by the file name in its first line. */
const sample = (name: string) => readme.split(`// ${name}\n`)[1]?.split('```')[0] as string;

const files: SampleFiles = {
  'visitors.ts': sample('visitors.ts'),
  'services.ts': sample('services.ts'),
  'check-password.ts': YOURS['check-password'] as string,
};

/** What a compiler prints about the README's samples with the page's settings, and others. */
async function compile(typescript: string, settings: object = {}, more: SampleFiles = {}): Promise<string> {
  const { compilerOptions } = JSON.parse(block(PAGE, 'tsconfig').text);
  const config = { compilerOptions: { ...compilerOptions, ...settings, noEmit: true } };
  const folder = await writeSample({ ...files, ...more, 'tsconfig.json': JSON.stringify(config) });
  await mkdir(join(folder, 'node_modules'));
  await symlink(ROOT, join(folder, 'node_modules/express-session-info'));
  const tsc = join(dirname(require.resolve(`${typescript}/package.json`)), 'bin/tsc');
  const { stdout } = await run(process.execPath, [tsc, '-p', folder], LIMIT).catch(
    (error: { stdout: string }) => error,
  );
  return stdout;
}

describe('TypeScript', LIMIT, () => {
  const bundler = { module: 'esnext', moduleResolution: 'bundler' };
  const commonJs = { module: 'commonjs', moduleResolution: 'node10', esModuleInterop: true };
  // TypeScript 5 takes long to check the declarations of all packages; TypeScript 7 does it.
  const skipLibCheck = true;

  const compilers: [string, string, object][] = [
    ['7, nodenext', 'typescript7', {}],
    ['7, node20', 'typescript7', { module: 'node20' }],
    ['7, bundler', 'typescript7', bundler],
    ['5, nodenext', 'typescript', { skipLibCheck }],
    ['5, commonjs', 'typescript', { ...commonJs, skipLibCheck }],
  ];

  it.each(variants(compilers))(
    '%s, compiles the samples of the README',
    async (_name, typescript, settings) => {
      expect(await compile(typescript, settings)).toBe('');
    },
  );

  it('finds a mistake in the use of the package', async () => {
    const wrong = "import { attachSession } from 'express-session-info';\nattachSession({ get: 1 });";
    expect(await compile('typescript7', {}, { 'wrong.ts': wrong })).toMatch(/wrong\.ts\(2,17\): error TS2/m);
  });
});

describe('JavaScript', LIMIT, () => {
  it.each([
    ['esm', 'main.mjs'],
    ['cjs', 'main.cjs'],
  ])('the %s sample loads the package', async (name, file) => {
    const text = `${block(PAGE, name).text}\nconsole.log(typeof attachSession);`;
    const folder = await writeSample({ [file]: text });
    expect((await run(process.execPath, [join(folder, file)], LIMIT)).stdout).toBe('function\n');
  });
});

describe('a bundle', LIMIT, () => {
  it.each([
    ['esm', 'bundle.mjs', ['express', 'cookie-signature']],
    ['cjs', 'bundle.cjs', ['express']],
  ] as const)('of the first sample runs, in format %s', async (format, file, external) => {
    const folder = await writeSample({ 'server.mjs': sample('server.mjs') });
    const { outputFiles } = await build({
      entryPoints: [join(folder, 'server.mjs')],
      bundle: true,
      platform: 'node',
      format,
      external: [...external],
      write: false,
    });
    const { url } = await runSample(
      file,
      { [file]: outputFiles[0]?.text as string },
      { SESSION_SECRET: secret },
    );
    expect((await get(url)).body).toEqual({ customer: 'unknown' });
  });
});

it('the page states the versions of package.json', () => {
  const { engines, peerDependencies } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  const rows = rowsBelow(PAGE, '# Setup');
  expect(engines.node).toBe('>=20.19.0');
  expect(peerDependencies.express).toBe('^4.18.0 || ^5.0.0');
  expect(Object.fromEntries(rows)).toMatchObject({ Node: '20.19 or later', Express: '4.18 or later, or 5' });
});
