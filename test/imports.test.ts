import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const src = fileURLToPath(new URL('../src', import.meta.url));
const files = readdirSync(src, { recursive: true, encoding: 'utf8' })
  .map((file) => file.replaceAll('\\', '/'))
  .filter((file) => file.endsWith('.ts'));

interface Import {
  readonly file: string;
  readonly to: string;
}

const imports: Import[] = files.flatMap((file) =>
  [
    ...readFileSync(join(src, file), 'utf8').matchAll(
      /(?:^(?:import|export)\b[^;]*?\bfrom|^import|\bimport\() ?'([^']+)'/gms,
    ),
  ].map(([, specifier = '']) => ({ file, to: targetOf(file, specifier) })),
);

function targetOf(file: string, specifier: string): string {
  if (!specifier.startsWith('.')) return specifier;
  return relative(src, join(src, dirname(file), specifier))
    .replaceAll('\\', '/')
    .replace(/\.js$/, '.ts');
}

const isOurs = (to: string) => to.endsWith('.ts') || to.endsWith('.json');
const between = imports.filter(({ to }) => isOurs(to));

/** The folder of `src/` that a file is in, or `root`. */
const folderOf = (file: string) => (file.includes('/') ? file.slice(0, file.indexOf('/')) : 'root');

/** A store with its own folder: `redis` for stores/redis.ts and stores/redis/…. */
const storeOf = (file: string) => file.split('/')[1]?.replace(/\.ts$/, '');

/** What each folder may import from, besides itself. */
const ALLOWED: Readonly<Record<string, (edge: Import) => boolean>> = {
  http: ({ file, to }) =>
    ['store-calls', 'root'].includes(folderOf(to)) ||
    (file === 'http/session-router.ts' && to === 'stores/memory.ts'),
  'store-calls': ({ to }) => folderOf(to) === 'root',
  stores: ({ to }) => folderOf(to) === 'root',
  testing: ({ to }) => folderOf(to) === 'root',
  root: ({ file }) => file === 'index.ts',
};

describe('imports go one way', () => {
  it('this test sees them', () => {
    expect(between.length).toBeGreaterThan(100);
    for (const { file, to } of between) expect(files, `${file} imports ${to}`).toContain(to);
  });

  it('every folder of src/ has its rule', () => {
    expect([...new Set(files.map(folderOf))].sort()).toEqual(Object.keys(ALLOWED).sort());
  });

  it.each([
    ['http: to store-calls and the root, and from session-router to the memory store', 'http'],
    ['store-calls: to the root', 'store-calls'],
    ['stores: to the root', 'stores'],
    ['testing: to the root', 'testing'],
    ['the root: to itself, and from index.ts to the folders', 'root'],
  ])('%s', (_, folder) => {
    const outside = between.filter(
      ({ file, to }) =>
        folderOf(file) === folder && folderOf(to) !== folder && !ALLOWED[folder]?.({ file, to }),
    );
    expect(outside).toEqual([]);
  });

  it('a store imports no other store, only its own folder and stores/shared', () => {
    const wrong = between.filter(
      ({ file, to }) =>
        folderOf(file) === 'stores' &&
        folderOf(to) === 'stores' &&
        ![storeOf(file), 'shared'].includes(storeOf(to)),
    );
    expect(wrong).toEqual([]);
  });

  it('nothing imports index.ts', () => {
    expect(between.filter(({ to }) => to === 'index.ts')).toEqual([]);
  });

  it('without a cycle', () => {
    expect(firstCycle(files, between)).toBeUndefined();
    const [a, b, c] = ['a.ts', 'b.ts', 'c.ts'] as const;
    const circle = [
      { file: a, to: b },
      { file: b, to: c },
      { file: c, to: b },
    ];
    expect(firstCycle([a, b, c], circle)).toEqual([a, b, c, b]);
  });
});

describe('packages are imported', () => {
  const packages = imports.filter(({ to }) => !isOurs(to) && !to.startsWith('node:'));

  it('Express in http only', () => {
    const folders = packages.filter(({ to }) => to === 'express').map(({ file }) => folderOf(file));
    expect(new Set(folders)).toEqual(new Set(['http']));
  });

  it('only if package.json names them, and no database client', () => {
    const { dependencies, peerDependencies, peerDependenciesMeta } = JSON.parse(
      readFileSync(new URL('../package.json', import.meta.url), 'utf8'),
    );
    const required = Object.keys(peerDependencies).filter((name) => !peerDependenciesMeta[name]?.optional);
    const allowed = [...Object.keys(dependencies), ...required].sort();
    expect([...new Set(packages.map(({ to }) => to))].sort()).toEqual(allowed);
    expect(Object.keys(peerDependencies)).toEqual(['@types/express', 'express']);
  });
});

describe('the root of src/', () => {
  it('has at most seven files', () => {
    expect(files.filter((file) => folderOf(file) === 'root').length).toBeLessThanOrEqual(7);
  });

  it('has an index.ts that re-exports by name, without logic', () => {
    const index = readFileSync(join(src, 'index.ts'), 'utf8');
    expect(index).not.toMatch(/export \*/);
    expect(index.replaceAll(/export (?:type )?\{[^}]*\} from '[^']+';/g, '').trim()).toBe('');
  });
});

/** The files of a cycle, in order, if there is one. */
function firstCycle(files: readonly string[], edges: readonly Import[]): string[] | undefined {
  const finished = new Set<string>();
  function visit(file: string, path: readonly string[]): string[] | undefined {
    if (path.includes(file)) return [...path, file];
    if (finished.has(file)) return undefined;
    for (const { to } of edges.filter((edge) => edge.file === file)) {
      const cycle = visit(to, [...path, file]);
      if (cycle) return cycle;
    }
    finished.add(file);
    return undefined;
  }
  for (const file of files) {
    const cycle = visit(file, []);
    if (cycle) return cycle;
  }
  return undefined;
}
