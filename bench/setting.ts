import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { availableParallelism, cpus, release } from 'node:os';
import { dirname, join } from 'node:path';

/** The machine, Node, and the versions of packages as the measured servers find them. */
export function describeSetting(packages: readonly string[], ...more: string[]): string {
  const machine = `${cpus()[0]?.model.trim()}, ${availableParallelism()} cores, Linux ${release()}`;
  const versions = packages.map((name) => `${name} ${versionOf(name)}`);
  return [machine, `Node.js ${process.versions.node}`, ...versions, ...more].join('; ');
}

const require = createRequire(import.meta.url);

/** Not by `require(name/package.json)`, which a package's exports may not allow. */
function versionOf(name: string): string {
  for (const folder of require.resolve.paths(name) ?? []) {
    const version = readVersion(join(folder, name, 'package.json'));
    if (version !== undefined) return version;
  }
  throw new Error(`${name} is not installed in ${dirname(new URL(import.meta.url).pathname)}`);
}

function readVersion(path: string): string | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')).version;
  } catch {
    return undefined;
  }
}
