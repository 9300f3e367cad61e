import { Cluster, Redis } from 'ioredis';

const settings = {
  enableOfflineQueue: false, // while it reconnects, refuse at once
  maxRetriesPerRequest: 1,
  commandTimeout: 1500,
  connectTimeout: 1500,
  socketTimeout: 3000, // for a reply that does not come: then reconnect
  retryStrategy: (times: number) => Math.min(times * 50, 1000),
  maxLoadingRetryTime: 500, // how soon to look again at a server that is loading
  reconnectOnError: (error: Error) => error.message.startsWith('READONLY'), // a primary that was demoted
};

export function createIoredis(url: string, onError: (error: NodeJS.ErrnoException) => void) {
  return new Redis(url, settings).on('error', onError);
}

export function createIoredisSentinel(
  name: string,
  sentinels: { host: string; port: number }[],
  onError: (error: NodeJS.ErrnoException) => void,
) {
  const sentinelRetryStrategy = (times: number) => Math.min(times * 50, 1000);
  return new Redis({ ...settings, name, sentinels, sentinelRetryStrategy }).on('error', onError);
}

export function createIoredisCluster(urls: string[], onError: (error: NodeJS.ErrnoException) => void) {
  const { enableOfflineQueue, retryStrategy: clusterRetryStrategy, ...redisOptions } = settings;
  return new Cluster(urls, { enableOfflineQueue, clusterRetryStrategy, redisOptions }).on('error', onError);
}
