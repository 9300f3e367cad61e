import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { availableParallelism, cpus, release, type } from 'node:os';
import { join } from 'node:path';

/** Processor, number of cores, operating system and Node. */
export function describeMachine(): string {
  const processor = `${cpus()[0]?.model.trim()}, ${availableParallelism()} cores`;
  return `${processor}, ${type()} ${release()}, Node.js ${process.versions.node}`;
}

/** A package and its version, as the measured servers find it. Not by `require(name/package.json)`, which its exports may not allow. */
export function describeVersion(name: string): string {
  for (const folder of createRequire(import.meta.url).resolve.paths(name) ?? []) {
    const version = readVersion(join(folder, name, 'package.json'));
    if (version !== undefined) return `${name} ${version}`;
  }
  throw new Error(`${name} is not installed`);
}

function readVersion(path: string): string | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')).version;
  } catch {
    return undefined;
  }
}
