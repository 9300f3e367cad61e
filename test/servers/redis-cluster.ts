import { createClient } from 'redis';
import { eventually } from './eventually.js';
import { freePort } from './free-port.js';
import { type RedisServer, startRedis } from './redis.js';

export interface RedisCluster {
  readonly nodes: readonly RedisServer[];
  stop(): Promise<void>;
}

/** A Redis Cluster of three primaries, which agree that all of it is up, each with a replica when `replicas` is set. */
export async function startRedisCluster({ replicas = false } = {}): Promise<RedisCluster> {
  const started = await Promise.allSettled(Array.from({ length: replicas ? 6 : 3 }, startNode));
  const nodes = started.flatMap((node) => (node.status === 'fulfilled' ? [node.value] : []));
  async function stop(): Promise<void> {
    await Promise.all(nodes.map((node) => node.stop()));
  }
  try {
    const failed = started.find((node) => node.status === 'rejected');
    if (failed) throw failed.reason;
    await join(nodes.slice(0, 3));
    if (replicas) await replicate(nodes.slice(0, 3), nodes.slice(3));
  } catch (error) {
    await stop();
    throw error;
  }
  return { nodes, stop };
}

const SLOTS = 16_384;
/** Where a node talks to the others: so far above its port. */
const BUS_OFFSET = 10_000;

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
    await eventually('the nodes of the Redis Cluster did not find each other', async () =>
      (await Promise.all(clients.map((client) => isUp(client, nodes.length)))).every(Boolean),
    );
  } finally {
    for (const client of clients) client.destroy();
  }
}

/** Makes each of `replicas` a replica of the primary at its place, and waits until it has what the primary has. */
async function replicate(primaries: readonly RedisServer[], replicas: readonly RedisServer[]): Promise<void> {
  const connect = ({ url }: RedisServer) => createClient({ url }).connect();
  const [of, clients] = await Promise.all([
    Promise.all(primaries.map(connect)),
    Promise.all(replicas.map(connect)),
  ]);
  try {
    for (const client of clients)
      await client.sendCommand(['CLUSTER', 'MEET', '127.0.0.1', `${primaries[0]?.port}`]);
    for (const [i, client] of clients.entries()) {
      const id = String(await of[i]?.sendCommand(['CLUSTER', 'MYID']));
      // It refuses until it knows the primary; said twice, it would begin again.
      await eventually('a node of the Redis Cluster did not become a replica', async () =>
        String(await client.sendCommand(['CLUSTER', 'REPLICATE', id])).includes('OK'),
      );
    }
    for (const client of clients) {
      await eventually('a replica of the Redis Cluster got no link', async () =>
        String(await client.sendCommand(['INFO', 'replication'])).includes('master_link_status:up'),
      );
    }
    const all = [...of, ...clients];
    await eventually('the nodes of the Redis Cluster did not agree', async () =>
      (await Promise.all(all.map((client) => isUp(client, all.length)))).every(Boolean),
    );
  } finally {
    for (const client of [...of, ...clients]) client.destroy();
  }
}

async function isUp(
  client: { sendCommand(args: string[]): Promise<unknown> },
  nodes: number,
): Promise<boolean> {
  const info = String(await client.sendCommand(['CLUSTER', 'INFO']));
  return info.includes('cluster_state:ok') && info.includes(`cluster_known_nodes:${nodes}`);
}
