import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from './free-port.js';
import { answers, type PostgresServer, serverUser } from './postgres.js';
import { type ServerProcess, startServerProcess, temporaryFolder, withRetries } from './server-process.js';

export interface Pgbouncer extends ServerProcess {
  readonly url: string;
}

/** A pgbouncer before a PostgreSQL server, in transaction mode, with fewer connections to it than a pool of the app has. */
export function startPgbouncer(server: PostgresServer): Promise<Pgbouncer> {
  return withRetries(async () => startOn(await freePort(), server));
}

async function startOn(port: number, server: PostgresServer): Promise<Pgbouncer> {
  const user = serverUser();
  const folder = temporaryFolder('pgbouncer', user);
  const url = `postgres://postgres@127.0.0.1:${port}/postgres`;
  const settings = [
    '[databases]',
    `postgres = host=127.0.0.1 port=${server.port} user=postgres`,
    '[pgbouncer]',
    'listen_addr = 127.0.0.1',
    `listen_port = ${port}`,
    'unix_socket_dir =',
    'auth_type = any',
    'pool_mode = transaction',
    'default_pool_size = 3',
    'ignore_startup_parameters = statement_timeout',
    'server_login_retry = 1',
  ];
  writeFileSync(join(folder.path, 'pgbouncer.ini'), `${settings.join('\n')}\n`);
  try {
    const pooler = await startServerProcess('pgbouncer', ['pgbouncer.ini'], {
      cwd: folder.path,
      isReady: () => answers(url),
      // Newer versions wait for the clients to leave on every other one.
      stopSignal: 'SIGKILL',
      ...(user && { user }),
    });
    return {
      url,
      process: pooler.process,
      async stop() {
        await pooler.stop();
        folder.remove();
      },
    };
  } catch (error) {
    folder.remove();
    throw error;
  }
}
