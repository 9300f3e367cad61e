import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createClient } from 'redis';
import { eventually } from './eventually.js';
import { freePort } from './free-port.js';
import { answersPing, type RedisServer, startRedis } from './redis.js';
import { startServerProcess, temporaryFolder, withRetries } from './server-process.js';

export interface RedisSentinel {
  /** The name under which the sentinel knows the primary. */
  readonly name: string;
  /** As it was started; after a failover it is another. */
  readonly primary: RedisServer;
  readonly sentinels: { host: string; port: number }[];
  stop(): Promise<void>;
}

/** The name under which the sentinel knows the primary. */
export const PRIMARY = 'sessions';

/** A primary, with a replica when `replica` is set, and one sentinel that watches them. */
export async function startRedisSentinel({ replica = false } = {}): Promise<RedisSentinel> {
  const primary = await startRedis();
  const servers: { stop(): Promise<void> }[] = [primary];
  const stop = async () => void (await Promise.all(servers.map((server) => server.stop())));
  try {
    if (replica) servers.push(await startReplica(primary));
    const sentinel = await withRetries(async () => startSentinelOn(await freePort(), primary.port, replica));
    servers.push(sentinel);
    return { name: PRIMARY, primary, sentinels: [{ host: '127.0.0.1', port: sentinel.port }], stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** With its link up, or it could not take over. */
async function startReplica({ port }: RedisServer): Promise<RedisServer> {
  const replica = await startRedis(['--replicaof', '127.0.0.1', `${port}`]);
  const isLinked = () => tells(replica.port, 'replication', 'master_link_status:up');
  await eventually('a replica got no link', isLinked).catch(async (error) => {
    await replica.stop();
    throw error;
  });
  return replica;
}

/** Whether INFO of the server on that port holds a text. */
async function tells(port: number, section: string, text: string): Promise<boolean> {
  const client = await createClient({ url: `redis://127.0.0.1:${port}` })
    .on('error', () => {})
    .connect();
  try {
    return String(await client.sendCommand(['INFO', section])).includes(text);
  } finally {
    client.destroy();
  }
}

/** A failed primary is found out after so many ms; then it takes the sentinel about a second. */
const DOWN_AFTER = 2000;

async function startSentinelOn(port: number, primaryPort: number, replica: boolean) {
  const folder = temporaryFolder('redis-sentinel');
  const settings = join(folder.path, 'sentinel.conf');
  const lines = [
    `port ${port}`,
    'bind 127.0.0.1',
    `dir ${folder.path}`,
    `sentinel monitor ${PRIMARY} 127.0.0.1 ${primaryPort} 1`,
    `sentinel down-after-milliseconds ${PRIMARY} ${DOWN_AFTER}`,
  ];
  writeFileSync(settings, `${lines.join('\n')}\n`);
  try {
    const server = await startServerProcess('redis-server', [settings, '--sentinel'], {
      cwd: folder.path,
      // It hears of the replica from the primary.
      isReady: async () => (await answersPing(port)) && (!replica || tells(port, 'sentinel', 'slaves=1')),
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
