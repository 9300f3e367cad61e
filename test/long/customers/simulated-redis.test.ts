import { randomInt } from 'node:crypto';
import { createClient } from 'redis';
import { expect, it, onTestFinished } from 'vitest';
import type { SendRedisCommand } from '../../../src/stores/redis/redis.js';
import { callSession } from '../../../src/stores/redis/session-script.js';
import { needs } from '../../servers/needs.js';
import { startRedis } from '../../servers/redis.js';
import { MODEL_LIMITS } from './model.js';
import { openRedisStore } from './open-redis-store.js';
import { createSimulatedRedis } from './simulated-redis.js';

needs('redis-server')('the simulated Redis', () => {
  it('does what a real one does', async () => {
    const server = await startRedis();
    onTestFinished(() => server.stop());
    const client = await createClient({ url: server.url }).connect();
    onTestFinished(() => client.destroy());
    const simulated = createSimulatedRedis({ prefix: 'x:', skew: 0 });

    /** The results of the same random calls, without times and with the sessions of a list in any order. */
    async function results(sendCommand: SendRedisCommand, numbers: readonly number[]): Promise<string[]> {
      const settings = { sendCommand, prefix: 'x:', idleTimeout: 3_600_000, absoluteTimeout: 3_600_000 };
      const store = openRedisStore(settings, { ...MODEL_LIMITS, fence: 60_000 });
      const found: string[] = [];
      for (const [i, number] of numbers.entries()) {
        const id = `s${number % 4}`;
        const customerId = `c${(number >> 2) % 2}`;
        const call = [
          () => store.create(id, { customerId, visitId: `${i}` }),
          () => store.create(id, { agentId: `${i}` }),
          () => store.get(id),
          () => store.peek(id),
          () => store.update(id, { customerId, agentId: null }),
          () => store.update(id, { customerId: null, visitId: `${i}` }),
          () => store.delete(id),
          () => store.listByCustomer(customerId),
          () => store.deleteByCustomer(customerId, { except: id }),
          () => callSession(settings, 'update', id, { notAfter: 1 }),
          () => callSession(settings, 'delete', id, { fields: ['customerId', customerId] }),
        ][(number >> 3) % 11];
        const result = await Promise.resolve(call?.()).catch((error) => error.message.slice(0, 23));
        found.push(printed(result));
      }
      return found;
    }

    const numbers = Array.from({ length: 1000 }, () => randomInt(2 ** 20));
    const real = await results((args) => client.sendCommand(args), numbers);
    expect(await results(async (args) => simulated.run(args), numbers)).toEqual(real);
    expect(new Set(real).size).toBeGreaterThan(100);
  });
});

function printed(result: unknown): string {
  if (Array.isArray(result)) return result.map(printed).sort().join('; ');
  return `${JSON.stringify(result, (name, value) => (name.endsWith('At') ? 'a time' : value))}`;
}
