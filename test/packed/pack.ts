import { execFile } from 'node:child_process';
import { cp, mkdir, readdir, readFile, stat, symlink } from 'node:fs/promises';
import { basename, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

export const repository = fileURLToPath(new URL('../..', import.meta.url));

/** What is published: the unpacked tarball, and what npm says of it. */
export interface PackedPackage {
  readonly folder: string;
  readonly files: readonly string[];
  readonly size: number;
  readonly unpackedSize: number;
}

/**
 * Packs the source as it is now, as `npm publish` would, and unpacks it. In a copy of the repository, so that nobody builds it at the
 * same time, and anew unless `dist` is newer than all that it is built from.
 */
export async function packSource(temporary: string): Promise<PackedPackage> {
  const copy = join(temporary, 'source');
  const isBuilt = await isNewer('dist/esm/index.js', [
    'src',
    'scripts/build.mjs',
    'package.json',
    'tsconfig.json',
    'tsconfig.build.json',
  ]);
  const left = ['.git', 'node_modules', 'coverage', ...(isBuilt ? [] : ['dist'])].map((name) =>
    join(repository, name),
  );
  // Other tests make and remove folders for their samples meanwhile.
  const filter = (file: string) => !left.includes(file) && !basename(file).startsWith('.sample-');
  await cp(repository, copy, { recursive: true, filter });
  await symlink(join(repository, 'node_modules'), join(copy, 'node_modules'), 'junction');
  // npm runs the `prepack` script, which builds.
  const options = [
    '--json',
    '--offline',
    `--pack-destination=${temporary}`,
    ...(isBuilt ? ['--ignore-scripts'] : []),
  ];
  const output = await run('npm', ['pack', ...options], copy);
  const [packed] = JSON.parse(output.slice(output.indexOf('[\n')));
  await mkdir(join(temporary, 'unpacked'));
  await run('tar', ['-xzf', join(temporary, packed.filename), '-C', join(temporary, 'unpacked')], temporary);
  return {
    folder: join(temporary, 'unpacked/package'),
    files: packed.files.map(({ path }: { path: string }) => path),
    size: packed.size,
    unpackedSize: packed.unpackedSize,
  };
}

async function isNewer(file: string, sources: readonly string[]): Promise<boolean> {
  const modified = async (path: string) => (await stat(join(repository, path))).mtimeMs;
  const folders = await readdir(join(repository, 'src'), { recursive: true });
  const times = await Promise.all([...sources, ...folders.map((name) => join('src', name))].map(modified));
  return (await modified(file).catch(() => 0)) > Math.max(...times);
}

/** The specifier of each subpath that `exports` names, but not of `./package.json`. */
export async function subpathsOf(folder: string): Promise<string[]> {
  const { name, exports } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'));
  return Object.keys(exports)
    .filter((subpath) => subpath !== './package.json')
    .map((subpath) => name + subpath.slice(1));
}

/** Ample: many projects are checked at once. */
const TIME_LIMIT = 100_000;

/** Runs a program to its own end, and resolves to what it wrote. Fails with all of that, also after the time limit. */
export function run(program: string, args: readonly string[], cwd: string): Promise<string> {
  // Not what the test runner sets for itself.
  const { NODE_OPTIONS, NODE_ENV, VITEST, ...env } = process.env;
  return new Promise((resolve, reject) => {
    const options = { cwd, env, timeout: TIME_LIMIT, killSignal: 'SIGKILL' } as const;
    execFile(program, args, options, (error, stdout, stderr) => {
      if (!error) return resolve(stdout);
      const end = error.killed ? `did not end within ${TIME_LIMIT} ms` : `failed (${error.code})`;
      reject(new Error(`${relative(cwd, program)} ${args.join(' ')} ${end}\n${stdout}${stderr}`));
    });
  });
}
