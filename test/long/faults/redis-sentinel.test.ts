import { needs } from '../../servers/needs.js';
import { type RedisSentinel, startRedisSentinel } from '../../servers/redis-sentinel.js';
import { describeFaults, type Lane } from './describe-faults.js';
import { primaryKilled } from './redis-faults.js';
import type { StoreName } from './stores-by-name.js';

const STORES: StoreName[] = ['Redis Sentinel (node-redis)', 'Redis Sentinel (ioredis)'];

needs('redis-server')('A store on Redis under Sentinel', () => describeFaults([failoverLane()]));

function failoverLane(): Lane {
  const at = {} as { sentinel: RedisSentinel };
  return {
    name: 'when the primary ends and its replica takes over',
    faults: [primaryKilled(() => at.sentinel.primary)],
    async start() {
      at.sentinel = await startRedisSentinel({ replica: true });
    },
    stop: async () => at.sentinel?.stop(),
    settings() {
      const urls = at.sentinel.sentinels.map(({ host, port }) => `redis://${host}:${port}`);
      return STORES.map((store) => ({ store, urls }));
    },
  };
}
