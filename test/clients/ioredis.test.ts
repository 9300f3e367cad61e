import { once } from 'node:events';
import type { Redis } from 'ioredis';
import { expect, it, onTestFinished } from 'vitest';
import { createRedisStore } from '../../src/stores/redis/redis.js';
import { freePort } from '../servers/free-port.js';
import { needs } from '../servers/needs.js';
import { startRedis } from '../servers/redis.js';
import { createIoredis } from './ioredis.js';

needs('redis-server')('createIoredis', () => {
  it('connects anew when its server is no longer the primary, as another one may have the address', async () => {
    const server = await startRedis();
    onTestFinished(server.stop);
    const client: Redis = createIoredis(server.url, () => {});
    onTestFinished(() => client.disconnect());
    await once(client, 'ready');
    const store = createRedisStore(([name = '', ...rest]) => client.call(name, ...rest));
    const first = await client.client('ID');

    await client.replicaof('127.0.0.1', await freePort());
    const again = once(client, 'ready');
    await expect(store.create('a', {})).rejects.toThrow('READONLY');
    await again;
    expect(await client.client('ID')).not.toBe(first);
  });
});
