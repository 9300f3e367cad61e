import { once } from 'node:events';
import { connect } from 'node:net';
import { freePort } from './free-port.js';
import {
  type RestartableServer,
  startRestartable,
  startServerProcess,
  temporaryFolder,
  withRetries,
} from './server-process.js';

export interface RedisServer extends RestartableServer {
  readonly port: number;
  readonly url: string;
}

/** A redis-server of its own on a free port of the loopback interface, which keeps nothing on disk. */
export function startRedis(settings: string[] = [], pickPort = freePort): Promise<RedisServer> {
  return withRetries(async () => startRedisOn(await pickPort(), settings));
}

/** Whether a server on that port answers PING. */
export async function answersPing(port: number): Promise<boolean> {
  const socket = connect({ port, host: '127.0.0.1' });
  try {
    await once(socket, 'connect');
    socket.write('PING\r\n');
    const [answer] = await once(socket, 'data', { signal: AbortSignal.timeout(1000) });
    return String(answer).startsWith('+PONG');
  } finally {
    socket.destroy();
  }
}

async function startRedisOn(port: number, settings: string[]): Promise<RedisServer> {
  const folder = temporaryFolder('redis');
  const own = [
    '--port',
    `${port}`,
    '--bind',
    '127.0.0.1',
    '--dir',
    folder.path,
    '--save',
    '',
    '--appendonly',
    'no',
  ];
  try {
    const server = await startRestartable((more) =>
      startServerProcess('redis-server', [...own, ...settings, ...more], {
        cwd: folder.path,
        isReady: () => answersPing(port),
      }),
    );
    return {
      port,
      url: `redis://127.0.0.1:${port}`,
      get process() {
        return server.process;
      },
      startAgain: server.startAgain,
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
