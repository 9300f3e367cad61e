import { createClient } from 'redis';

/** A client that responds or fails in time, and reconnects when its server is back. Not connected yet. */
export function createNodeRedis(url: string, onError: (error: NodeJS.ErrnoException) => void) {
  const client = createClient({
    url,
    disableOfflineQueue: true, // while it reconnects, refuse at once
    commandsQueueMaxLength: 10_000, // one list of a customer's sessions sends 100 commands at a time
    commandOptions: { timeout: 1500 }, // for a command that it could not send yet
    socket: {
      connectTimeout: 1500,
      socketTimeout: 3000, // for a greeting that does not come; longer than the time between pings
      reconnectStrategy: (retries) => Math.min(retries * 50, 1000), // the default does not reconnect after socketTimeout
    },
  });
  client.on('error', onError); // without it, a lost connection ends the process

  // What it sends counts as traffic too, so under load socketTimeout never ends a connection whose server is silent.
  setInterval(async () => {
    if (!client.isReady) return;
    const silent = setTimeout(() => {
      if (!client.isOpen) return;
      client.destroy();
      client.connect().catch(onError);
    }, 1500);
    await client.ping().catch(onError);
    clearTimeout(silent);
  }, 2000).unref();
  return client;
}
