import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** A TCP proxy that hands on what it gets, until it is told otherwise. */
export interface TcpProxy {
  readonly port: number;
  /** From now on every answer comes so many ms later; connections are made at once. */
  delay(ms: number): void;
  /** From now on nothing passes and nothing breaks; what comes is thrown away. */
  swallow(): void;
  /** From now on nothing passes and nothing breaks; what comes is kept, as TCP keeps what a network does not carry. */
  hold(): void;
  /**
   * Hands on again. A connection of which something was swallowed is no longer one: it is cut, as a server cuts a connection
   * that it does not know; or stays silent for ever.
   */
  mend(options?: { swallowed?: 'cut' | 'silent' }): void;
  stop(): Promise<void>;
}

interface Pair {
  readonly sockets: readonly [client: Socket, server: Socket];
  swallowed: boolean;
}

export async function startTcpProxy(target: number): Promise<TcpProxy> {
  const pairs = new Set<Pair>();
  let latency = 0;
  let mode: 'pass' | 'swallow' | 'hold' = 'pass';

  const proxy = createServer({ noDelay: true }, (client) => {
    const server = connect({ port: target, host: '127.0.0.1', noDelay: true });
    const pair: Pair = { sockets: [client, server], swallowed: false };
    pairs.add(pair);
    carry(pair, client, server, () => 0);
    carry(pair, server, client, () => latency);
    if (mode === 'hold') pause(pair);
  });

  function carry(pair: Pair, from: Socket, to: Socket, late: () => number): void {
    // One after the other, so that what comes later does not overtake what is delayed.
    let written = Promise.resolve();
    from.on('data', (chunk) => {
      if (mode === 'swallow') pair.swallowed = true;
      if (pair.swallowed) return;
      const due = Date.now() + late();
      written = written.then(async () => {
        const ms = due - Date.now();
        if (ms > 0) await sleep(ms);
        if (!to.destroyed) to.write(chunk);
      });
    });
    from.on('error', () => {});
    from.on('close', () => {
      if (mode !== 'pass' || pair.swallowed) return;
      to.destroy();
      pairs.delete(pair);
    });
  }

  return {
    port: await listen(proxy),
    delay(ms) {
      latency = ms;
    },
    swallow() {
      mode = 'swallow';
    },
    hold() {
      mode = 'hold';
      for (const pair of pairs) pause(pair);
    },
    mend({ swallowed = 'cut' } = {}) {
      mode = 'pass';
      latency = 0;
      for (const pair of pairs) {
        if (pair.swallowed && swallowed === 'cut') end(pair);
        else for (const socket of pair.sockets) socket.resume();
      }
    },
    async stop() {
      proxy.close();
      for (const pair of pairs) end(pair);
      await once(proxy, 'close');
    },
  };

  function end(pair: Pair): void {
    pairs.delete(pair);
    for (const socket of pair.sockets) socket.destroy();
  }
}

function pause({ sockets }: Pair): void {
  for (const socket of sockets) socket.pause();
}

async function listen(server: ReturnType<typeof createServer>): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}
