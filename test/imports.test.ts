import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, posix, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const src = fileURLToPath(new URL('../src', import.meta.url));
const files = readdirSync(src, { recursive: true, encoding: 'utf8' })
  .map((file) => file.replaceAll('\\', '/'))
  .filter((file) => file.endsWith('.ts'));

/** The area of the house that a file lies in: a folder, or the top. */
const areaOf = (file: string) => (file.includes('/') ? file.slice(0, file.indexOf('/')) : 'top');

const imports = files.flatMap((file) =>
  [
    ...readFileSync(join(src, file), 'utf8').matchAll(
      /(?:^(?:import|export)\b[^;]*?\bfrom|^import|\bimport\() ?'([^']+)'/gms,
    ),
  ].map(([, specifier = '']) => ({
    file,
    to: specifier.startsWith('.')
      ? relative(src, join(src, dirname(file), specifier))
          .replaceAll('\\', '/')
          .replace(/\.js$/, '.ts')
      : specifier,
  })),
);

const isOurs = (to: string) => to.endsWith('.ts') || to.endsWith('.json');
const between = imports.filter(({ to }) => isOurs(to));
const wrong = (rule: (edge: { file: string; to: string }) => boolean) =>
  between.filter((edge) => !rule(edge));

describe('imports go one way', () => {
  it('this test sees them', () => {
    expect(between.length).toBeGreaterThan(30);
    for (const { file, to } of between) expect(files, `${file} imports ${to}`).toContain(to);
  });

  it('from http to the session files at the top, and of the stores to the memory store from session-router only', () => {
    expect(
      wrong(
        ({ file, to }) =>
          areaOf(file) !== 'http' ||
          ['http', 'top'].includes(areaOf(to)) ||
          (file === 'http/session-router.ts' && to === 'stores/memory.ts'),
      ),
    ).toEqual([]);
  });

  it('from a store to the session files at the top or its own folder, never to another store', () => {
    const ownFolder = (file: string) => (posix.dirname(file) === 'stores' ? file : posix.dirname(file));
    expect(
      wrong(
        ({ file, to }) =>
          areaOf(file) !== 'stores' || areaOf(to) === 'top' || ownFolder(file) === ownFolder(to),
      ),
    ).toEqual([]);
  });

  it('from testing to the session files at the top, never to http or a store', () => {
    expect(
      wrong(({ file, to }) => areaOf(file) !== 'testing' || ['testing', 'top'].includes(areaOf(to))),
    ).toEqual([]);
  });

  it('among the files at the top, from index.ts alone into the folders', () => {
    expect(
      wrong(({ file, to }) => areaOf(file) !== 'top' || file === 'index.ts' || areaOf(to) === 'top'),
    ).toEqual([]);
  });

  it('without a cycle', () => {
    const next = new Map(
      files.map((file) => [file, between.filter((e) => e.file === file).map((e) => e.to)]),
    );
    const finished = new Set<string>();
    const visit = (file: string, path: string[]): string[] | undefined => {
      if (path.includes(file)) return [...path, file];
      if (finished.has(file)) return undefined;
      for (const to of next.get(file) ?? []) {
        const cycle = visit(to, [...path, file]);
        if (cycle) return cycle;
      }
      finished.add(file);
      return undefined;
    };
    for (const file of files) expect(visit(file, [])).toBeUndefined();
  });
});

describe('packages are imported', () => {
  const packages = imports.filter(({ to }) => !isOurs(to) && !to.startsWith('node:'));
  const where = (name: string) => packages.filter(({ to }) => to === name).map(({ file }) => areaOf(file));

  it('Express in http only', () => {
    expect(new Set(where('express'))).toEqual(new Set(['http']));
  });

  it('only where package.json names them', () => {
    const { dependencies, peerDependencies, peerDependenciesMeta } = JSON.parse(
      readFileSync(new URL('../package.json', import.meta.url), 'utf8'),
    );
    const required = Object.keys(peerDependencies).filter((name) => !peerDependenciesMeta[name]?.optional);
    const allowed = [...Object.keys(dependencies), ...required].sort();
    expect([...new Set(packages.map(({ to }) => to))].sort()).toEqual(allowed);
  });
});

describe('index.ts', () => {
  it('re-exports by name, and has no logic', () => {
    const index = readFileSync(join(src, 'index.ts'), 'utf8');
    expect(index).not.toMatch(/export \*/);
    expect(index.replaceAll(/export (?:type )?\{[^}]*\} from '[^']+';/g, '').trim()).toBe('');
  });
});
