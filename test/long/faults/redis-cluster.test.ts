import { setTimeout as sleep } from 'node:timers/promises';
import { createClient } from 'redis';
import { needs } from '../../servers/needs.js';
import { type RedisCluster, startRedisCluster } from '../../servers/redis-cluster.js';
import { describeFaults, type Lane } from './describe-faults.js';
import { primaryKilled, tell } from './redis-faults.js';
import type { Fault } from './run-fault.js';
import type { StoreName } from './stores-by-name.js';

const STORES: StoreName[] = ['Redis Cluster (node-redis)', 'Redis Cluster (ioredis)'];

needs('redis-server')('A store on a Redis Cluster', () => {
  describeFaults([
    lane('when slots are served by no node', { replicas: false }, slotsMissing),
    lane('when a primary of 3 + 3 nodes ends', { replicas: true }, (at) =>
      primaryKilled(() => at.cluster.nodes[0]),
    ),
  ]);
});

type At = { cluster: RedisCluster };

function lane(name: string, options: { replicas: boolean }, fault: (at: At) => Fault): Lane {
  const at = {} as At;
  return {
    name,
    faults: [fault(at)],
    async start() {
      at.cluster = await startRedisCluster(options);
    },
    stop: async () => at.cluster?.stop(),
    settings: () => STORES.map((store) => ({ store, urls: at.cluster.nodes.map(({ url }) => url) })),
  };
}

function slotsMissing(at: At): Fault {
  return {
    name: 'CLUSTERDOWN',
    async begin() {
      for (const node of at.cluster.nodes) await tell(node, 'CLUSTER', 'DELSLOTS', '0');
    },
    async end() {
      await tell(at.cluster.nodes[0] as RedisCluster['nodes'][0], 'CLUSTER', 'ADDSLOTS', '0');
      for (const node of at.cluster.nodes) await isUp(node);
    },
    // ioredis asks again until its own time-out.
    seen: /CLUSTERDOWN|Command timed out/,
  };
}

async function isUp({ url }: { url: string }): Promise<void> {
  const client = await createClient({ url }).connect();
  try {
    for (const end = Date.now() + 10_000; Date.now() < end; await sleep(20)) {
      if (String(await client.sendCommand(['CLUSTER', 'INFO'])).includes('cluster_state:ok')) return;
    }
    throw new Error('the Redis Cluster did not come up again');
  } finally {
    client.destroy();
  }
}
