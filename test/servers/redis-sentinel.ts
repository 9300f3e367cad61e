import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from './free-port.js';
import { answersPing, startRedis } from './redis.js';
import { startServerProcess, temporaryFolder, withRetries } from './server-process.js';

export interface RedisSentinel {
  /** The name under which the sentinel knows the primary. */
  readonly name: string;
  readonly sentinels: { host: string; port: number }[];
  stop(): Promise<void>;
}

/** A primary, and one sentinel that watches it. */
export async function startRedisSentinel(): Promise<RedisSentinel> {
  const primary = await startRedis();
  try {
    const sentinel = await withRetries(async () => startSentinelOn(await freePort(), primary.port));
    return {
      name: NAME,
      sentinels: [{ host: '127.0.0.1', port: sentinel.port }],
      async stop() {
        await Promise.all([sentinel.stop(), primary.stop()]);
      },
    };
  } catch (error) {
    await primary.stop();
    throw error;
  }
}

const NAME = 'sessions';

async function startSentinelOn(port: number, primaryPort: number) {
  const folder = temporaryFolder('redis-sentinel');
  const settings = join(folder.path, 'sentinel.conf');
  writeFileSync(
    settings,
    `port ${port}\nbind 127.0.0.1\ndir ${folder.path}\nsentinel monitor ${NAME} 127.0.0.1 ${primaryPort} 1\n`,
  );
  try {
    const server = await startServerProcess('redis-server', [settings, '--sentinel'], {
      cwd: folder.path,
      isReady: () => answersPing(port),
    });
    return {
      port,
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
