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
    lane('when slots move to another node', { replicas: false }, slotsMoving),
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

/**
 * The slots of all keys of a node move to another, which does not have the script. During the fault they are on both: old keys on the
 * first, new ones on the second.
 */
function slotsMoving(at: At): Fault {
  let slots: string[] = [];
  return {
    name: 'slots moving',
    begin: () =>
      betweenNodes(at.cluster, async (from, to) => {
        const keys = (await from('KEYS', '*')) as string[];
        const found = await Promise.all(keys.map((key) => from('CLUSTER', 'KEYSLOT', key)));
        slots = [...new Set(found.map(String))];
        await to('SCRIPT', 'FLUSH');
        const [fromId, toId] = [String(await from('CLUSTER', 'MYID')), String(await to('CLUSTER', 'MYID'))];
        for (const slot of slots) {
          await to('CLUSTER', 'SETSLOT', slot, 'IMPORTING', fromId);
          await from('CLUSTER', 'SETSLOT', slot, 'MIGRATING', toId);
        }
      }),
    end: () =>
      betweenNodes(at.cluster, async (from, to) => {
        const toId = String(await to('CLUSTER', 'MYID'));
        for (const slot of slots) {
          const keys = (await from('CLUSTER', 'GETKEYSINSLOT', slot, '1000')) as string[];
          const port = `${at.cluster.nodes[1]?.port}`;
          if (keys.length > 0) await from('MIGRATE', '127.0.0.1', port, '', '0', '5000', 'KEYS', ...keys);
          await to('CLUSTER', 'SETSLOT', slot, 'NODE', toId);
          await from('CLUSTER', 'SETSLOT', slot, 'NODE', toId);
        }
      }),
    harmless: true,
  };
}

type Send = (...command: string[]) => Promise<unknown>;

/** Runs a task that sends commands to the first and the second node. */
async function betweenNodes(
  { nodes }: RedisCluster,
  task: (from: Send, to: Send) => Promise<void>,
): Promise<void> {
  const clients = await Promise.all(nodes.slice(0, 2).map(({ url }) => createClient({ url }).connect()));
  const [from, to] = clients.map(
    (client): Send =>
      (...command) =>
        client.sendCommand(command),
  );
  try {
    if (from && to) await task(from, to);
  } finally {
    for (const client of clients) client.destroy();
  }
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
