import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { createClient } from 'redis';
import { createRedisStore } from '../../dist/esm/stores/redis/redis.js';
import { cpuTimeOf } from '../cpu-time.ts';
import { startRedisDatabase } from '../databases.ts';
import { LOAD_CORE, pinTo, SERVER_CORE } from '../server-process.ts';
import { ASSOCIATIONS } from '../visitors.ts';
import type { EngineLimits } from './limits.ts';

export const REDIS_LIMITS = 'redis-benchmark, 50 clients';

const SESSIONS = 100_000;
const COMMANDS = 500_000;

/** The scripts of our store, by redis-benchmark, on 100,000 live sessions. */
export async function redisLimits(): Promise<EngineLimits> {
  const server = await startRedisDatabase();
  const client = createClient({ url: server.url });
  try {
    await client.connect();
    pinTo(SERVER_CORE, server.pids());
    const used = async () => Number(/used_memory:(\d+)/.exec(await client.info('memory'))?.[1]);
    const empty = await used();
    await createSessions((args) => client.sendCommand(args));
    const bytes = Math.round(((await used()) - empty) / SESSIONS);
    const limits = [];
    for (const method of ['get', 'update'] as const) {
      const command = await commandOf(method);
      for (const depth of [16, 1]) {
        const pipelined = depth > 1 ? `, pipelines of ${depth}` : ', no pipelines';
        process.stdout.write(`  Redis, ${method}${pipelined} … `);
        const before = cpuTimeOf(server.pids());
        const { count, perSecond } = await benchmark(new URL(server.url).port, depth, command);
        const cpu = (cpuTimeOf(server.pids()) - before) / count;
        console.log(`${Math.round(perSecond)}/s, ${cpu.toFixed(1)} µs`);
        limits.push({ engine: 'Redis', method: method + pipelined, perSecond, cpu });
      }
    }
    return { version: server.version, limits, bytes };
  } finally {
    if (client.isOpen) client.destroy();
    await server.stop();
  }
}

/** As redis-benchmark writes a random number into a key. */
async function createSessions(sendCommand: (args: string[]) => Promise<unknown>): Promise<void> {
  const store = createRedisStore(sendCommand);
  for (let n = 0; n < SESSIONS; n += 1000) {
    const ids = Array.from({ length: 1000 }, (_, i) => `${n + i}`.padStart(12, '0'));
    await Promise.all(ids.map((id) => store.create(id, ASSOCIATIONS)));
  }
}

/** The command that our store sends for a method, with a place for redis-benchmark to write a number into. */
async function commandOf(method: 'get' | 'update'): Promise<string[]> {
  const commands: string[][] = [];
  const store = createRedisStore(async (args) => {
    commands.push(args);
    throw new Error('it is only to be seen');
  });
  await Promise.resolve(store[method]('__rand_int__', ASSOCIATIONS)).catch(() => {});
  return commands[0] as string[];
}

async function benchmark(
  port: string,
  depth: number,
  command: string[],
): Promise<{ count: number; perSecond: number }> {
  const count = depth > 1 ? COMMANDS : COMMANDS / 4;
  const options = ['-p', port, '-c', '50', '-P', `${depth}`, '-r', `${SESSIONS}`, '-n', `${count}`, '--csv'];
  const args = ['-c', LOAD_CORE, 'redis-benchmark', ...options, ...command];
  const { stdout } = await promisify(execFile)('taskset', args, { timeout: 120_000 });
  const perSecond = Number(/^"EVALSHA[^\n]*?","([\d.]+)"/m.exec(stdout)?.[1]);
  if (!(perSecond > 0)) throw new Error(`redis-benchmark answered:\n${stdout}`);
  return { count, perSecond };
}
