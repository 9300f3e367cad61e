import { accessSync, constants, readdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** The path of a program on this machine: on the PATH, or where Debian keeps server programs, PostgreSQL's apart. */
export function findBinary(name: string): string | undefined {
  return [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', ...postgresFolders()]
    .map((folder) => join(folder, name))
    .find(isExecutable);
}

const POSTGRES = '/usr/lib/postgresql';

/** The newest version first. */
function postgresFolders(): string[] {
  try {
    return readdirSync(POSTGRES)
      .sort((a, b) => Number(b) - Number(a))
      .map((version) => join(POSTGRES, version, 'bin'));
  } catch {
    return [];
  }
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
