import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import pg from 'pg';
import { findBinary } from '../test/servers/find-binary.js';
import { startPostgres } from '../test/servers/postgres.js';
import { startRedis } from '../test/servers/redis.js';

export interface Database {
  readonly url: string;
  readonly version: string;
  /** The core that it runs on and that its clients are to share, so that no figure depends on waking another core. */
  readonly core: string;
  /** The CPU time of all its processes until now, in µs. */
  cpuTime(): number;
  stop(): Promise<void>;
}

const CORE = '0';

/** Redis, which keeps nothing on disk. */
export async function startRedisDatabase(): Promise<Database> {
  const server = await startRedis();
  const pids = () => [server.process.pid as number];
  pin(pids());
  return {
    url: server.url,
    version: `Redis ${/v=(\S+)/.exec(versionOf('redis-server'))?.[1]}`,
    core: CORE,
    cpuTime: () => cpuTimeOf(pids()),
    stop: server.stop,
  };
}

/** PostgreSQL with its own defaults: what it confirmed is on disk. */
export async function startPostgresDatabase(): Promise<Database> {
  const server = await startPostgres(['fsync=on']);
  const pid = server.process.pid as number;
  // Those that it starts from now on inherit it.
  pin(withChildren(pid));
  return {
    url: server.url,
    version: `PostgreSQL ${/\) (\S+)/.exec(versionOf('postgres'))?.[1]}`,
    core: CORE,
    cpuTime: () => cpuTimeOf(withChildren(pid)),
    stop: server.stop,
  };
}

/** Of Postgres. Its `end` does not wait until the connections are closed, so that a server that stops then is an error of them. */
export function openPool({ url }: Database): pg.Pool {
  return new pg.Pool({ connectionString: url }).on('error', () => undefined);
}

function pin(pids: readonly number[]): void {
  for (const pid of pids) execFileSync('taskset', ['-acp', CORE, `${pid}`], { stdio: 'ignore' });
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

/** Of processes and all their threads (Linux: proc(5), `schedstat`). Those that ended have none. */
function cpuTimeOf(pids: readonly number[]): number {
  return pids.flatMap(taskTimes).reduce((sum, time) => sum + time, 0);
}

function taskTimes(pid: number): number[] {
  try {
    return readdirSync(`/proc/${pid}/task`).map((task) => {
      const [nanoseconds] = readFileSync(`/proc/${pid}/task/${task}/schedstat`, 'utf8').split(' ');
      return Number(nanoseconds) / 1000;
    });
  } catch (error) {
    if (['ENOENT', 'ESRCH'].includes((error as NodeJS.ErrnoException).code ?? '')) return [];
    throw error;
  }
}
