import { createSentinel } from 'redis';

interface Address {
  readonly host: string;
  readonly port: number;
}

/** The primary of these sentinels. Its commands return or fail in time, unless it goes silent. Not connected yet. */
export function createNodeRedisSentinel(
  name: string,
  sentinels: readonly Address[],
  onError: (error: NodeJS.ErrnoException) => void,
) {
  const sentinel = createSentinel({
    name,
    sentinelRootNodes: [...sentinels],
    scanInterval: 1000, // how soon it hears of a failover
    commandOptions: { timeout: 1500 },
    nodeClientOptions: {
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
  sentinel.on('error', onError);
  return sentinel;
}
