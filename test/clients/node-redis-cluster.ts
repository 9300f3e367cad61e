import { createCluster } from 'redis';

/** A Cluster whose commands return or fail in time, unless a node goes silent. Not connected yet. */
export function createNodeRedisCluster(
  urls: readonly string[],
  onError: (error: NodeJS.ErrnoException) => void,
) {
  const cluster = createCluster({
    rootNodes: urls.map((url) => ({ url })),
    commandOptions: { timeout: 1500 },
    defaults: {
      disableOfflineQueue: true,
      commandsQueueMaxLength: 10_000,
      socket: {
        connectTimeout: 1500,
        socketTimeout: 5000,
        reconnectStrategy: (retries) => Math.min(retries * 50, 1000),
      },
      pingInterval: 2000,
    },
  });
  cluster.on('error', onError);
  return cluster;
}
