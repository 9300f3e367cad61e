import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join, relative } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { variants } from '../variants.js';
import { compileApps, createConsumer, type ExpressMajor, projects, runScript, useOf } from './consumer.js';
import { type PackedPackage, packSource, repository, run, subpathsOf } from './pack.js';
import { resolveInstall } from './resolve-install.js';

const name = 'express-session-info';
const majors: readonly ExpressMajor[] = [4, 5];
/** What the package itself, or lru-cache, needs of Node and Express does not. */
const MODULES_OF_NODE = ['node:perf_hooks', 'node:diagnostics_channel'];
/** The README names it for those who have the repository. */
const OF_THE_REPOSITORY = 'example-app/';
let temporary: string;
let packed: PackedPackage;
let subpaths: string[];

beforeAll(async () => {
  temporary = await mkdtemp(join(tmpdir(), `${name}-`));
  packed = await packSource(temporary);
  subpaths = await subpathsOf(packed.folder);
}, 120_000);

afterAll(() => rm(temporary, { recursive: true, force: true }));

describe.concurrent.each(majors)('the tarball in a project with Express %i', (express) => {
  it.each(variants(Object.entries(projects), express === 5 ? 4 : 1))(
    '%s: every subpath is used',
    async (kind, project) => {
      const folder = join(temporary, `${kind} ${express}`.replaceAll(/\W+/g, '-'));
      expect((await project(folder, packed, express)).sort()).toEqual(subpaths.map(useOf).sort());
    },
    120_000,
  );

  it('does nothing when it is only imported', async () => {
    const folder = join(temporary, `inert-${express}`);
    await createConsumer(folder, packed, express);
    expect(await runScript(folder, 'inert.mjs', subpaths)).toBe('inert\n');
  });

  it('loads nothing that an app does not use', async () => {
    const folder = join(temporary, `loaded-${express}`);
    await createConsumer(folder, packed, express);
    const loaded: string[] = JSON.parse(await runScript(folder, 'loaded.mjs', []));
    const ours = loaded.filter((file) => file.startsWith(`${name}/`));
    expect(ours).toContain(`${name}/dist/esm/index.js`);
    // What it shares with the stores, in a few files: Node takes its time for each.
    expect(ours.filter((file) => !file.startsWith(`${name}/dist/esm/shared/`))).toHaveLength(1);
    expect(ours.length).toBeLessThanOrEqual(8);
    const packages = loaded.filter((file) => !ours.includes(file)).map((file) => file.split('/')[0]);
    expect([...new Set(packages)].filter((each) => !each?.startsWith('node:')).sort()).toEqual([
      'cookie',
      'cookie-signature',
      'lru-cache',
    ]);
    const ofNode = packages.filter((each) => each?.startsWith('node:'));
    expect(ofNode.filter((each) => !MODULES_OF_NODE.includes(String(each)))).toEqual([]);
  });

  it('its two builds, in one process, recognize the requests and errors of each other', async () => {
    const folder = join(temporary, `both-builds-${express}`);
    await createConsumer(folder, packed, express);
    expect(await runScript(folder, 'both-builds.mjs', [])).toBe('recognized by each other\n');
  });
});

describe('the files', () => {
  it('are the build, the texts and package.json', () => {
    const texts = ['README.md', 'CHANGELOG.md', 'CONTRIBUTING.md', 'SECURITY.md', 'LICENSE', 'package.json'];
    expect(packed.files).toEqual(expect.arrayContaining(texts));
    const others = packed.files.filter((file) => !texts.includes(file));
    const docs = /^docs\/(?:[\w-]+\.(?:md|svg))$/;
    const built = /^dist\/(?:openapi\.json|cjs\/package\.json|(?:esm|cjs)\/[\w\-/]+(?:\.js|\.d\.ts))$/;
    expect(others.filter((file) => !docs.test(file) && !built.test(file))).toEqual([]);
  });

  it('include all that the README links to', async () => {
    const readme = await readFile(join(packed.folder, 'README.md'), 'utf8');
    const links = [
      ...readme.matchAll(/\]\(([^)#\s]+)/g),
      ...readme.matchAll(/(?:src|href|srcset)="([^"#]+)/g),
    ]
      .map(([, target = '']) => target)
      .filter((target) => !/^[a-z]+:/.test(target));
    expect(links.length).toBeGreaterThan(4);
    for (const link of links.filter((each) => each !== OF_THE_REPOSITORY))
      expect(existsSync(join(packed.folder, link)), link).toBe(true);
  });

  it('are small enough', () => {
    expect(packed.unpackedSize).toBeLessThan(1_200_000);
  });

  it('come in both builds, with declarations that both share, and refer to no source map', async () => {
    const of = (build: string, end: string) =>
      packed.files
        .filter((file) => file.startsWith(`dist/${build}/`) && file.endsWith(end))
        .map((file) => file.slice(`dist/${build}/`.length, -end.length))
        .sort();
    expect(of('cjs', '.js').length).toBeGreaterThan(10);
    expect(of('cjs', '.d.ts')).toEqual(of('cjs', '.js'));
    const entries = of('esm', '.js').filter((file) => !file.startsWith('shared/'));
    expect(of('esm', '.d.ts')).toEqual(entries);
    for (const file of entries) {
      const declarations = await readFile(join(packed.folder, `dist/esm/${file}.d.ts`), 'utf8');
      expect(declarations).toBe(`export * from '${relative(`esm/${file}/..`, `cjs/${file}`)}.js';\n`);
    }
    for (const file of packed.files) {
      expect(await readFile(join(packed.folder, file), 'utf8'), file).not.toMatch(/[#@] sourceMappingURL/);
    }
  });
});

describe('an installation of the tarball', () => {
  it('works next to any version of a database client, as none is a peer', async () => {
    const old = {
      redis: '4.7.1',
      ioredis: '4.30.1',
      pg: '7.18.2',
      'better-sqlite3': '8.7.0',
      'express-session': '1.17.3',
    };
    const places = await resolveInstall(join(temporary, 'clients'), packed, {
      app: { express: '4.18.0', ...old },
    });
    expect(places['node_modules/redis']).toBe('4.7.1');
    expect(Object.keys(places)).not.toContain('node_modules/@types/express');
  });

  it('is refused next to a version of Express that is too old', async () => {
    const install = resolveInstall(join(temporary, 'old'), packed, { app: { express: '4.17.3' } });
    await expect(install).rejects.toThrow('ERESOLVE');
  });

  it('gives each app of one workspace the types of its own Express', async () => {
    const folder = join(temporary, 'workspace');
    const apps = {
      four: { express: '4.21.2', '@types/express': '4.17.25' },
      five: { express: '5.1.0', '@types/express': '5.0.6' },
    };
    const places = await resolveInstall(folder, packed, apps);
    await compileApps(folder, packed, places, Object.keys(apps));
  });
});

describe('the subpaths', () => {
  it('that package.json exports, for Node and for older TypeScript, are files', async () => {
    const { exports, typesVersions, main, types } = await manifest();
    const targets = [exports, typesVersions, main, types].flatMap(strings);
    expect(targets.length).toBeGreaterThan(4);
    for (const target of targets) expect(packed.files).toContain(target.replace('./', ''));
    const older = Object.keys(typesVersions['*']).map((subpath) => `${name}/${subpath}`);
    expect([name, ...older].sort()).toEqual([...subpaths].sort());
  });

  it('are all that a project can import', async () => {
    const folder = join(temporary, 'inner-files');
    await createConsumer(folder, packed, 5);
    const code = `import('${name}/dist/esm/index.js').catch((error) => console.log(error.code))`;
    expect(await run(process.execPath, ['-e', code], folder)).toBe('ERR_PACKAGE_PATH_NOT_EXPORTED\n');
  });

  it('each have a use in test/packed/consumers/uses', async () => {
    const uses = (await readdir(join(import.meta.dirname, 'consumers/uses'))).map((file) =>
      basename(file, '.ts'),
    );
    expect(uses.filter((use) => use !== 'types').sort()).toEqual(subpaths.map(useOf).sort());
  });

  it('are those in the README', async () => {
    const readme = await readFile(join(repository, 'README.md'), 'utf8');
    const quoted = [...readme.matchAll(/(['"`])(express-session-info(?:\/[\w.-]+)?)\1/g)];
    expect([...new Set(quoted.map(([, , specifier]) => specifier))].sort()).toEqual([...subpaths].sort());
  });
});

async function manifest() {
  return JSON.parse(await readFile(join(packed.folder, 'package.json'), 'utf8'));
}

/** Every string in a value of JSON. */
function strings(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  return value && typeof value === 'object' ? Object.values(value).flatMap(strings) : [];
}
