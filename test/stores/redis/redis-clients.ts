import { Cluster, Redis } from 'ioredis';
import { createClient, createCluster, createSentinel } from 'redis';
import type { SendRedisCommand } from '../../../src/stores/redis/redis.js';
import { type RedisServer, startRedis } from '../../servers/redis.js';
import { type RedisCluster, startRedisCluster } from '../../servers/redis-cluster.js';
import { type RedisSentinel, startRedisSentinel } from '../../servers/redis-sentinel.js';

/** What the clients connect to. */
export interface RedisServers {
  readonly single: RedisServer;
  readonly cluster: RedisCluster;
  readonly sentinel: RedisSentinel;
  stop(): Promise<unknown>;
}

export async function startRedisServers(): Promise<RedisServers> {
  const [single, cluster, sentinel] = await Promise.all([
    startRedis(),
    startRedisCluster(),
    startRedisSentinel(),
  ]);
  const stop = () => Promise.all([single, cluster, sentinel].map((server) => server.stop()));
  return { single, cluster, sentinel, stop };
}

export interface Connection {
  readonly send: SendRedisCommand;
  close(): unknown;
}

type Connect = (servers: RedisServers) => Connection | Promise<Connection>;

/** Every client that the store is documented for, connected as the documentation shows. */
export const CLIENTS: readonly [string, Connect][] = [
  ['node-redis', connectNodeRedis],
  ['node-redis, RESP2', (servers) => connectNodeRedis(servers, { RESP: 2 })],
  ['ioredis', ioredis],
  ['ioredis, RESP2, numbers as strings', (servers) => ioredis(servers, { protocol: 2, stringNumbers: true })],
  ['ioredis, keyPrefix', (servers) => ioredis(servers, { keyPrefix: 'app:' })],
  ['node-redis Cluster', connectNodeRedisCluster],
  ['ioredis Cluster', ioredisCluster],
  ['ioredis Cluster, keyPrefix', (servers) => ioredisCluster(servers, { keyPrefix: 'app:' })],
  ['node-redis Sentinel', nodeRedisSentinel],
  ['ioredis Sentinel', ioredisSentinel],
];

export async function connectNodeRedis({ single }: RedisServers, options = {}): Promise<Connection> {
  const client = await createClient({ url: single.url, ...options }).connect();
  return { send: (args) => client.sendCommand(args), close: () => client.close() };
}

export async function connectNodeRedisCluster({ cluster }: RedisServers): Promise<Connection> {
  const client = createCluster({ rootNodes: cluster.nodes.map(({ url }) => ({ url })) });
  await client.connect();
  return { send: (args, key) => client.sendCommand(key, false, args), close: () => client.close() };
}

function ioredis({ single }: RedisServers, options = {}): Connection {
  const client = new Redis(single.port, '127.0.0.1', options);
  return { send: ([name = '', ...rest]) => client.call(name, ...rest), close: () => client.quit() };
}

function ioredisCluster({ cluster }: RedisServers, options = {}): Connection {
  const nodes = cluster.nodes.map(({ port }) => ({ host: '127.0.0.1', port }));
  const client = new Cluster(nodes, options);
  return { send: ([name = '', ...rest]) => client.call(name, ...rest), close: () => client.quit() };
}

async function nodeRedisSentinel({ sentinel: { name, sentinels } }: RedisServers): Promise<Connection> {
  const client = await createSentinel({ name, sentinelRootNodes: sentinels }).connect();
  return { send: (args) => client.sendCommand(false, args), close: () => client.close() };
}

function ioredisSentinel({ sentinel: { name, sentinels } }: RedisServers): Connection {
  const client = new Redis({ name, sentinels });
  return { send: ([name = '', ...rest]) => client.call(name, ...rest), close: () => client.quit() };
}
