import { needs } from '../../servers/needs.js';
import { type RedisServer, startRedis } from '../../servers/redis.js';
import { describeFaults, type Lane } from './describe-faults.js';
import { proxyFaults } from './proxy-faults.js';
import { DURABLE, redisFaults } from './redis-faults.js';
import type { StoreName } from './stores-by-name.js';
import { startTcpProxy, type TcpProxy } from './tcp-proxy.js';

const STORES: StoreName[] = ['Redis (node-redis)', 'Redis (ioredis)', 'express-session (connect-redis)'];

const on = (url: string) => STORES.map((store) => ({ store, urls: [url] }));

needs('redis-server')('A store on Redis', () => describeFaults([serverLane(), networkLane()]));

function serverLane(): Lane {
  const at = {} as { server: RedisServer };
  return {
    name: 'when the server fails',
    faults: redisFaults(at),
    async start() {
      at.server = await startRedis(DURABLE);
    },
    stop: async () => at.server?.stop(),
    settings: () => on(at.server.url),
  };
}

function networkLane(): Lane {
  const at = {} as { server: RedisServer; proxy: TcpProxy };
  return {
    name: 'when the network fails',
    faults: proxyFaults(at),
    async start() {
      at.server = await startRedis(DURABLE);
      at.proxy = await startTcpProxy(at.server.port);
    },
    async stop() {
      await at.proxy?.stop();
      await at.server?.stop();
    },
    settings: () => on(`redis://127.0.0.1:${at.proxy.port}`),
  };
}
