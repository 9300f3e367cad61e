import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createConsumer, type ExpressMajor, projects, runScript, useOf } from './consumer.js';
import { type PackedPackage, packSource, repository, run, subpathsOf } from './pack.js';

const name = 'express-session-info';
const majors: readonly ExpressMajor[] = [4, 5];
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
  it.each(Object.entries(projects))(
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

  it('its two builds, in one process, know the requests of each other', async () => {
    const folder = join(temporary, `both-builds-${express}`);
    await createConsumer(folder, packed, express);
    expect(await runScript(folder, 'both-builds.mjs', [])).toBe('known to each other\n');
  });
});

describe('the files', () => {
  it('are the build, the texts and package.json', () => {
    const wanted = /^(?:package\.json|README\.md|CHANGELOG\.md|LICENSE|dist\/.+)$/;
    const built = /^dist\/(?:openapi\.json|cjs\/package\.json|(?:esm|cjs)\/[\w\-/]+(?:\.js|\.d\.ts))$/;
    const isWanted = (file: string) => wanted.test(file) && (!file.startsWith('dist/') || built.test(file));
    expect(packed.files.filter((file) => !isWanted(file))).toEqual([]);
    const texts = ['README.md', 'CHANGELOG.md', 'LICENSE'].filter((file) =>
      existsSync(join(repository, file)),
    );
    expect(packed.files).toEqual(expect.arrayContaining(texts));
  });

  it('are small enough', () => {
    expect(packed.size).toBeLessThan(150_000);
    expect(packed.unpackedSize).toBeLessThan(700_000);
  });

  it('come in both builds, each with its types, and refer to no source map', async () => {
    const of = (build: string, end: string) =>
      packed.files
        .filter((file) => file.startsWith(`dist/${build}/`) && file.endsWith(end))
        .map((file) => file.slice(`dist/${build}/`.length, -end.length))
        .sort();
    expect(of('esm', '.js').length).toBeGreaterThan(10);
    expect(of('cjs', '.js')).toEqual(of('esm', '.js'));
    expect(of('esm', '.d.ts')).toEqual(of('esm', '.js'));
    expect(of('cjs', '.d.ts')).toEqual(of('esm', '.js'));
    for (const file of packed.files) {
      expect(await readFile(join(packed.folder, file), 'utf8'), file).not.toMatch(/[#@] sourceMappingURL/);
    }
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

  it('are all of which a project can import', async () => {
    const folder = join(temporary, 'inner-files');
    await createConsumer(folder, packed, 5);
    const code = `import('${name}/dist/esm/index.js').catch((error) => console.log(error.code))`;
    expect(await run(process.execPath, ['-e', code], folder)).toBe('ERR_PACKAGE_PATH_NOT_EXPORTED\n');
  });

  it('have each a use in test/packed/consumers/uses', async () => {
    const uses = (await readdir(join(import.meta.dirname, 'consumers/uses'))).map((file) =>
      basename(file, '.ts'),
    );
    expect(uses.filter((use) => use !== 'types').sort()).toEqual(subpaths.map(useOf).sort());
  });

  it.skipIf(!existsSync(join(repository, 'README.md')))('are those that README.md names', async () => {
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
