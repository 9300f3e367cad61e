import { createClient } from 'redis';
import { createRedisStore } from '../../dist/esm/stores/redis/redis.js';
import { createOurHost } from '../our-host.ts';

export default async function ourMiddlewareOnRedis(url: string) {
  const client = await createClient({ url }).connect();
  return createOurHost(createRedisStore((args) => client.sendCommand(args)));
}
