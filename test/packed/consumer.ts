import { cp, mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import ts from 'typescript';
import { type PackedPackage, repository, run, subpathsOf } from './pack.js';

const consumers = join(import.meta.dirname, 'consumers');
const installed = (name: string) => join(repository, 'node_modules', name);

/** Express with its own types, and where npm has put them here. */
const expressMajors = {
  4: { express: 'express4', '@types/express': '@types/express4' },
  5: { express: 'express', '@types/express': '@types/express' },
};
export type ExpressMajor = keyof typeof expressMajors;

/** What the uses themselves need, and the package must not. */
const clients = { libsql: 'libsql', 'express-session': 'express-session' };

/**
 * A project in a folder of its own, with the package from the tarball. Node finds there the dependencies in package.json, Express, and
 * what `also` names: nothing else, so that a dependency that is not in package.json is missed.
 */
export async function createConsumer(
  folder: string,
  packed: PackedPackage,
  express: ExpressMajor,
  also: Record<string, string> = {},
): Promise<void> {
  const modules = join(folder, 'node_modules');
  await cp(packed.folder, join(modules, 'express-session-info'), { recursive: true });
  const { dependencies } = JSON.parse(await readFile(join(packed.folder, 'package.json'), 'utf8'));
  const links = {
    ...Object.fromEntries(Object.keys(dependencies).map((name) => [name, name])),
    express: expressMajors[express].express,
    ...also,
  };
  for (const [name, target] of Object.entries(links)) {
    await mkdir(dirname(join(modules, name)), { recursive: true });
    await symlink(installed(target), join(modules, name), 'junction');
  }
}

/** Puts a script of consumers/ into a consumer and runs it there. */
export async function runScript(folder: string, script: string, args: readonly string[]): Promise<string> {
  await cp(join(consumers, script), join(folder, script));
  return run(process.execPath, [script, ...args], folder);
}

/**
 * Lays out an installation as npm resolved it: the package from the tarball, all others as links to what this repository has. Then
 * compiles an app of each name, with the types of its own Express.
 */
export async function compileApps(
  folder: string,
  packed: PackedPackage,
  versions: Readonly<Record<string, string>>,
  apps: readonly string[],
): Promise<void> {
  for (const [place, version] of Object.entries(versions)) {
    const name = place.split('node_modules/').at(-1) as keyof (typeof expressMajors)[5];
    await mkdir(dirname(join(folder, place)), { recursive: true });
    if (name in expressMajors[5])
      await symlink(
        installed(expressMajors[version.startsWith('4') ? 4 : 5][name]),
        join(folder, place),
        'junction',
      );
    else if (place.endsWith('/express-session-info'))
      await cp(packed.folder, join(folder, place), { recursive: true });
    else await symlink(installed(name), join(folder, place), 'junction');
  }
  await symlink(installed('@types/node'), join(folder, 'node_modules/@types/node'), 'junction');
  for (const app of apps) {
    const compilerOptions = { ...typescriptOptions, ...nodenext, noEmit: true };
    const types = await readUse('types');
    await writeFile(
      join(folder, app, 'tsconfig.json'),
      JSON.stringify({ compilerOptions, include: ['src'] }),
    );
    await mkdir(join(folder, app, 'src'));
    await writeFile(join(folder, app, 'src/types.mts'), types);
    await run(process.execPath, [join(installed('typescript7'), 'bin/tsc')], join(folder, app));
  }
}

/** Makes a project, checks its types if it has any, runs it, and resolves to the names of the uses that succeeded. */
type Project = (folder: string, packed: PackedPackage, express: ExpressMajor) => Promise<string[]>;

const nodenext = { module: 'nodenext', target: 'es2022' };
/** Settings from before `exports`, which TypeScript 7 no longer has. */
const node10 = { module: 'commonjs', moduleResolution: 'node10', target: 'es2019' };
/** Without it the compiler checks our declarations as it does a project's own files, and takes three times as long. */
const skipLibCheck = true;

export const projects: Record<string, Project> = {
  'ES modules': javascript('module', runNode),
  CommonJS: javascript('commonjs', runNode),
  Jest: javascript('commonjs', runJest),
  'TypeScript 7 nodenext': typescript('typescript7', 'module', nodenext),
  'TypeScript 7 nodenext, CommonJS': typescript('typescript7', 'commonjs', nodenext),
  'TypeScript 5 nodenext': typescript('typescript', 'module', { ...nodenext, skipLibCheck }),
  'TypeScript 5 node10': typescript('typescript', 'commonjs', { ...node10, esModuleInterop: false }),
  'TypeScript 5 node10 with esModuleInterop': typescript('typescript', 'commonjs', {
    ...node10,
    esModuleInterop: true,
    skipLibCheck,
  }),
};

type PackageType = 'module' | 'commonjs';

/** The uses without their types, which is what one writes in JavaScript. */
function javascript(
  type: PackageType,
  runUses: (folder: string, names: string[]) => Promise<string[]>,
): Project {
  const module = type === 'commonjs' ? ts.ModuleKind.CommonJS : ts.ModuleKind.ESNext;
  const compilerOptions = { module, target: ts.ScriptTarget.ES2022, esModuleInterop: true };
  return async function javascriptProject(folder, packed, express) {
    await createConsumer(folder, packed, express, clients);
    await writeFile(join(folder, 'package.json'), JSON.stringify({ type }));
    await mkdir(join(folder, 'uses'));
    const names = await useNames(packed);
    for (const name of names) {
      const { outputText } = ts.transpileModule(await readUse(name), { compilerOptions });
      await writeFile(join(folder, 'uses', `${name}.js`), outputText);
    }
    return runUses(folder, names);
  };
}

function typescript(
  compiler: string,
  type: PackageType,
  options: Readonly<Record<string, string | boolean>>,
): Project {
  return async function typescriptProject(folder, packed, express) {
    const { '@types/express': expressTypes } = expressMajors[express];
    const types = { '@types/node': '@types/node', '@types/express': expressTypes };
    await createConsumer(folder, packed, express, { ...clients, ...types });
    // Not linked: from its place in the repository it would find the types of the other Express.
    const sessionTypes = 'node_modules/@types/express-session';
    await cp(join(repository, sessionTypes), join(folder, sessionTypes), { recursive: true });
    await writeFile(join(folder, 'package.json'), JSON.stringify({ type }));
    const compilerOptions = { ...typescriptOptions, ...options };
    await writeFile(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['src'] }));
    await mkdir(join(folder, 'src'));
    const names = await useNames(packed);
    for (const name of [...names, 'types']) {
      const source = type === 'commonjs' ? inCommonJs(await readUse(name)) : await readUse(name);
      const text = options.esModuleInterop === false ? withoutInterop(source) : source;
      await writeFile(join(folder, 'src', `${name}.ts`), text);
    }
    await run(process.execPath, [join(installed(compiler), 'bin/tsc')], folder);
    return runNode(folder, names);
  };
}

const typescriptOptions = {
  strict: true,
  resolveJsonModule: true,
  types: ['node'],
  rootDir: 'src',
  outDir: 'uses',
};

async function useNames(packed: PackedPackage): Promise<string[]> {
  return (await subpathsOf(packed.folder)).map(useOf);
}

/** The name of the file in consumers/uses that uses a subpath. */
export function useOf(specifier: string): string {
  return specifier === 'express-session-info' ? 'index' : basename(specifier, '.json');
}

function readUse(name: string): Promise<string> {
  return readFile(join(consumers, 'uses', `${name}.ts`), 'utf8');
}

/** Import attributes are for ES modules only. */
function inCommonJs(source: string): string {
  return source.replace(" with { type: 'json' }", '');
}

/** What one writes without esModuleInterop for a module that is a function or an object. */
function withoutInterop(source: string): string {
  return source.replaceAll(/^import (\w+) from/gm, 'import * as $1 from');
}

async function runNode(folder: string, names: string[]): Promise<string[]> {
  return (await runScript(folder, 'run.mjs', names)).trim().split('\n');
}

async function runJest(folder: string): Promise<string[]> {
  await cp(join(consumers, 'uses.test.cjs'), join(folder, 'uses.test.cjs'));
  const options = ['--json', '--testMatch=**/*.test.cjs', '--transform={}', '--watchman=false'];
  const output = await run(process.execPath, [join(installed('jest'), 'bin/jest.js'), ...options], folder);
  const [{ assertionResults }] = JSON.parse(output).testResults;
  return assertionResults.map(({ title }: { title: string }) => title);
}
