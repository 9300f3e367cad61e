import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { findBinary } from './find-binary.js';
import { freePort } from './free-port.js';
import {
  type RestartableServer,
  startRestartable,
  startServerProcess,
  temporaryFolder,
  type User,
  withRetries,
} from './server-process.js';

export interface PostgresServer extends RestartableServer {
  readonly port: number;
  readonly url: string;
}

/** A PostgreSQL server of its own on a free port of the loopback interface, with an empty database, and no fsync. */
export async function startPostgres(settings: string[] = []): Promise<PostgresServer> {
  const user = serverUser();
  const folder = temporaryFolder('postgres', user);
  const data = join(folder.path, 'data');
  try {
    await initdb(data, folder.path, user);
    const server = await withRetries(async () => startOn(await freePort(), data, settings, user));
    return {
      ...server,
      get process() {
        return server.process;
      },
      async stop() {
        await server.stop();
        folder.remove();
      },
    };
  } catch (error) {
    folder.remove();
    throw error;
  }
}

async function initdb(data: string, cwd: string, user: User | undefined): Promise<void> {
  const path = findBinary('initdb');
  if (path === undefined) throw new Error('initdb is not on this machine');
  const args = ['-D', data, '-U', 'postgres', '-E', 'UTF8', '--locale=C', '--auth=trust', '--no-sync'];
  await promisify(execFile)(path, args, { cwd, timeout: 60_000, ...user });
}

async function startOn(
  port: number,
  data: string,
  settings: string[],
  user: User | undefined,
): Promise<PostgresServer> {
  const url = `postgres://postgres@127.0.0.1:${port}/postgres`;
  const all = [
    'listen_addresses=127.0.0.1',
    `port=${port}`,
    'unix_socket_directories=',
    'fsync=off',
    ...settings,
  ];
  const args = ['-D', data, ...all.flatMap((setting) => ['-c', setting])];
  const server = await startRestartable((more) =>
    startServerProcess('postgres', [...args, ...more], {
      cwd: data,
      isReady: () => answers(url),
      // The one that does not wait for the clients to leave.
      stopSignal: 'SIGINT',
      ...(user && { user }),
    }),
  );
  return {
    port,
    url,
    get process() {
      return server.process;
    },
    startAgain: server.startAgain,
    stop: server.stop,
  };
}

/** Whether a server, or a pooler before it, lets a client in. */
export async function answers(url: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 1000 });
  try {
    await client.connect();
    return true;
  } finally {
    await client.end();
  }
}

/** The programs of PostgreSQL, and pgbouncer, refuse to run as root: then as the user that their package made. */
export function serverUser(): User | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const [, uid, gid] = /^postgres:[^:]*:(\d+):(\d+):/m.exec(readFileSync('/etc/passwd', 'utf8')) ?? [];
  if (uid === undefined)
    throw new Error('there is no user "postgres" on this machine; do not run the tests as root');
  return { uid: Number(uid), gid: Number(gid) };
}
