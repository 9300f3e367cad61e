import { setTimeout as sleep } from 'node:timers/promises';
import { createClient } from 'redis';
import { freePort } from './free-port.js';
import { type RedisServer, startRedis } from './redis.js';

export interface RedisCluster {
  readonly nodes: readonly RedisServer[];
  stop(): Promise<void>;
}

/** A Redis Cluster of three primaries without replicas, which agree that all of it is up. */
export async function startRedisCluster(): Promise<RedisCluster> {
  const started = await Promise.allSettled([1, 2, 3].map(startNode));
  const nodes = started.flatMap((node) => (node.status === 'fulfilled' ? [node.value] : []));
  async function stop(): Promise<void> {
    await Promise.all(nodes.map((node) => node.stop()));
  }
  try {
    const failed = started.find((node) => node.status === 'rejected');
    if (failed) throw failed.reason;
    await join(nodes);
  } catch (error) {
    await stop();
    throw error;
  }
  return { nodes, stop };
}

const SLOTS = 16_384;
/** Where a node talks to the others: so far above its port. */
const BUS_OFFSET = 10_000;
const JOIN_LIMIT = 20_000;

function startNode(): Promise<RedisServer> {
  const settings = ['--cluster-enabled', 'yes', '--cluster-node-timeout', '2000'];
  return startRedis(settings, () => freePort({ andAlso: BUS_OFFSET }));
}

async function join(nodes: readonly RedisServer[]): Promise<void> {
  const clients = await Promise.all(nodes.map(({ url }) => createClient({ url }).connect()));
  try {
    const size = Math.ceil(SLOTS / nodes.length);
    for (const [i, client] of clients.entries()) {
      const slots = Array.from({ length: Math.min(size, SLOTS - i * size) }, (_, n) => `${i * size + n}`);
      await client.sendCommand(['CLUSTER', 'ADDSLOTS', ...slots]);
      await client.sendCommand(['CLUSTER', 'SET-CONFIG-EPOCH', `${i + 1}`]);
      await client.sendCommand(['CLUSTER', 'MEET', '127.0.0.1', `${nodes[0]?.port}`]);
    }
    const deadline = Date.now() + JOIN_LIMIT;
    while (!(await Promise.all(clients.map((client) => isUp(client, nodes.length)))).every(Boolean)) {
      if (Date.now() > deadline) throw new Error('the nodes of the Redis Cluster did not find each other');
      await sleep(50);
    }
  } finally {
    for (const client of clients) client.destroy();
  }
}

async function isUp(
  client: { sendCommand(args: string[]): Promise<unknown> },
  nodes: number,
): Promise<boolean> {
  const info = String(await client.sendCommand(['CLUSTER', 'INFO']));
  return info.includes('cluster_state:ok') && info.includes(`cluster_known_nodes:${nodes}`);
}
