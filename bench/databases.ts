import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { findBinary } from '../test/servers/find-binary.js';
import { startPostgres } from '../test/servers/postgres.js';
import { startRedis } from '../test/servers/redis.js';
import type { Database } from './comparison.ts';
import { LOAD_CORE, pinTo } from './server-process.ts';

/** Redis, which keeps nothing on disk, on the core of the load: what limits the whole is then the measured server. */
export async function startRedisDatabase(): Promise<Database> {
  const server = await startRedis();
  pinTo(LOAD_CORE, [server.process.pid as number]);
  return {
    url: server.url,
    version: `Redis ${/v=(\S+)/.exec(versionOf('redis-server'))?.[1]}`,
    pids: () => [server.process.pid as number],
    stop: server.stop,
  };
}

/** PostgreSQL with its own defaults: what it answered is on disk. It has both cores, as it needs more than one. */
export async function startPostgresDatabase(): Promise<Database> {
  const server = await startPostgres(['fsync=on']);
  return {
    url: server.url,
    version: `PostgreSQL ${/\) (\S+)/.exec(versionOf('postgres'))?.[1]}`,
    pids: () => withChildren(server.process.pid as number),
    stop: server.stop,
  };
}

function versionOf(program: string): string {
  return execFileSync(findBinary(program) ?? program, ['--version'], { encoding: 'utf8' });
}

/** A process and those that it started, as PostgreSQL does for each connection. */
function withChildren(pid: number): number[] {
  const children = readdirSync(`/proc/${pid}/task`).flatMap((task) =>
    readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8').trim().split(' '),
  );
  return [pid, ...children.filter((child) => child !== '').map(Number)];
}
