import { randomUUID } from 'node:crypto';
import { createClient } from 'redis';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createRedisStore } from '../../../src/stores/redis/redis.js';
import { needs } from '../../servers/needs.js';
import { type RedisServer, startRedis } from '../../servers/redis.js';
import { START_LIMIT } from '../../servers/server-process.js';

const LONG = process.env.LONG === '1';
const MANY = LONG ? 1_000_000 : 20_000;
const LISTS = LONG ? 2000 : 200;
const LIMIT = LONG ? 600_000 : 60_000;

/** Fills Redis as the store does, from the inside: session `n` is the customer's `n / 5`. */
const FILL = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
for n = tonumber(ARGV[1]), tonumber(ARGV[2]) - 1 do
  local id = string.format('00000000-0000-4000-8000-%012d', n)
  local customer = 'customer-' .. math.floor(n / 5)
  local key, index = ARGV[3] .. id, ARGV[3] .. 'customer:' .. customer .. ':'
  redis.call('HSET', key, 'createdAt', now, 'updatedAt', now, 'customerId', customer)
  redis.call('PEXPIREAT', key, now + 1800000)
  redis.call('ZADD', index, now, id)
  redis.call('PEXPIRE', index, 87000000)
end`;

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

  const usage = async (key: string) =>
    Number(await client.sendCommand(['MEMORY', 'USAGE', key, 'SAMPLES', '0']));
  const usedMemory = async () => Number(/used_memory:(\d+)/.exec(await client.info('memory'))?.[1]);
  const openStore = (prefix: string) =>
    createRedisStore((args) => client.sendCommand(args), { prefix, indexCustomers: true });

  /** How long a list of five sessions takes in a store of that size, in ms. */
  async function timeList(store: ReturnType<typeof openStore>, sessions: number): Promise<number> {
    const customer = Math.floor((Math.random() * sessions) / 5);
    const start = performance.now();
    const list = await store.listByCustomer(`customer-${customer}`);
    const time = performance.now() - start;
    expect(list).toHaveLength(5);
    return time;
  }

  it(
    `are listed as fast among ${MANY} sessions as among 1000`,
    async () => {
      const empty = await usedMemory();
      for (let n = 0; n < MANY; n += 10_000)
        await client.sendCommand(['EVAL', FILL, '0', `${n}`, `${n + 10_000}`, 'many:']);
      const bytes = (await usedMemory()) - empty;
      await client.sendCommand(['EVAL', FILL, '0', '0', '1000', 'few:']);
      const [few, many] = [openStore('few:'), openStore('many:')];
      const times: [number[], number[]] = [[], []];
      for (let i = 0; i < LISTS; i++) {
        times[0].push(await timeList(few, 1000));
        times[1].push(await timeList(many, MANY));
      }
      const [among1000 = 0, amongMany = 0] = times.map((list) => list.sort((a, b) => a - b)[LISTS >> 1]);
      if (LONG) console.log({ among1000, amongMany, bytesASession: bytes / MANY });
      expect(amongMany / among1000).toBeLessThanOrEqual(1.5);
    },
    LIMIT,
  );

  it.each([
    [1, 170],
    [128, 75],
    [1000, 150],
  ])(
    'have an index of few bytes each: of %i sessions at most %i',
    async (count, most) => {
      const customerId = randomUUID();
      const store = openStore('size:');
      for (let i = 0; i < count; i++) await store.create(randomUUID(), { customerId });
      const bytes = (await usage(`size:customer:${customerId}:`)) / count;
      if (LONG) console.log({ count, bytes });
      expect(bytes).toBeLessThanOrEqual(most);
    },
    LIMIT,
  );
});
