import { randomInt, randomUUID } from 'node:crypto';
import { createClient } from 'redis';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createRedisStore } from '../../../src/stores/redis/redis.js';
import { needs } from '../../servers/needs.js';
import { type RedisServer, startRedis } from '../../servers/redis.js';
import { START_LIMIT } from '../../servers/server-process.js';
import { fillRedis } from './fill-redis.js';

const MANY = { sessions: 20_000, customers: 4000, prefix: 'many:', index: true };
const FEW = { sessions: 1000, customers: 200, prefix: 'few:', index: true };
const LISTS = 200;

// What they are at 1,000,000 sessions, and on other stores: npm run bench -- customers.
needs('redis-server')('the sessions of a customer in Redis', () => {
  let server: RedisServer;
  let client: ReturnType<typeof createClient>;
  beforeAll(async () => {
    server = await startRedis();
    client = createClient({ url: server.url });
    await client.connect();
  }, START_LIMIT);
  afterAll(async () => {
    client?.destroy();
    await server?.stop();
  });

  const sendCommand = (args: string[]) => client.sendCommand(args);
  const openStore = (prefix: string) => createRedisStore(sendCommand, { prefix, indexCustomers: true });

  /** How long a list of five sessions takes in this store, in ms. */
  async function timeList({ prefix, customers }: typeof MANY): Promise<number> {
    const store = openStore(prefix);
    const customerId = `customer-${100_000 + randomInt(customers)}`;
    const start = performance.now();
    const list = await store.listByCustomer(customerId);
    const time = performance.now() - start;
    expect(list).toHaveLength(5);
    return time;
  }

  it('are listed as fast among 20,000 sessions as among 1000', async () => {
    for (const filling of [FEW, MANY]) await fillRedis(sendCommand, filling);
    const times: [number[], number[]] = [[], []];
    for (let i = 0; i < LISTS; i++) {
      times[0].push(await timeList(FEW));
      times[1].push(await timeList(MANY));
    }
    const [amongFew = 0, amongMany = 0] = times.map((list) => list.sort((a, b) => a - b)[LISTS / 2]);
    expect(amongMany / amongFew).toBeLessThanOrEqual(1.5);
  });

  it.each([
    [1, 170],
    [128, 75],
    [1000, 150],
  ])('have an index of few bytes each: of %i sessions at most %i', async (count, most) => {
    const customerId = randomUUID();
    const store = openStore('size:');
    for (let i = 0; i < count; i++) await store.create(randomUUID(), { customerId });
    const bytes = await sendCommand(['MEMORY', 'USAGE', `size:customer:${customerId}:`, 'SAMPLES', '0']);
    expect(Number(bytes) / count).toBeLessThanOrEqual(most);
  });
});
