import { setTimeout as sleep } from 'node:timers/promises';
import { createClient } from 'redis';
import { freePort } from '../../servers/free-port.js';
import type { RedisServer } from '../../servers/redis.js';
import { LONG } from './long.js';
import type { Fault } from './run-fault.js';

/** How the server of these faults is to be set up: nothing that it has acknowledged is lost when it is killed. */
export const DURABLE = ['--appendonly', 'yes', '--appendfsync', 'always'];

/** The faults of a Redis server. */
export function redisFaults(at: { readonly server: RedisServer }): Fault[] {
  const restart = () => at.server.startAgain();
  let loading: Promise<void>;
  return [
    { name: 'kill -9', begin: () => void at.server.process.kill('SIGKILL'), end: restart },
    {
      name: 'SIGSTOP',
      begin: () => void at.server.process.kill('SIGSTOP'),
      end: () => void at.server.process.kill('SIGCONT'),
    },
    { name: 'restart', begin: () => void at.server.process.kill('SIGTERM'), end: restart },
    {
      name: 'READONLY',
      begin: async () => tell(at.server, 'REPLICAOF', '127.0.0.1', `${await freePort()}`),
      end: () => tell(at.server, 'REPLICAOF', 'NO', 'ONE'),
      seen: /READONLY/,
    },
    {
      name: 'OOM',
      begin: () => tell(at.server, 'CONFIG', 'SET', 'maxmemory', '1'),
      end: () => tell(at.server, 'CONFIG', 'SET', 'maxmemory', '0'),
      seen: /OOM/,
    },
    {
      name: 'LOADING',
      async begin() {
        await fill(at.server);
        at.server.process.kill('SIGKILL');
        loading = at.server.startAgain(SLOW_LOADING);
        loading.catch(() => {});
        await sleep(100);
      },
      end: () => loading,
      // ioredis asks before it sends anything, and holds back.
      seen: /LOADING|Stream isn't writeable/,
    },
  ];
}

/** Of a server that a replica takes over from. The time counts from the kill on. What the replica did not have yet is lost. */
export function primaryKilled(primary: () => RedisServer | undefined): Fault {
  return {
    name: 'a primary killed',
    begin: () => void primary()?.process.kill('SIGKILL'),
    lasts: 0,
    end() {},
    goodWithin: 6000,
    mayLose: true,
    harmless: true,
  };
}

/** Two settings of Redis for its own tests: how long it takes for each key, in µs, and how soon it looks at its clients. */
const SLOW_LOADING = ['--key-load-delay', '1000', '--loading-process-events-interval-bytes', '1024'];

/** So many keys that, with the sessions, they take about as long to load as a fault lasts. */
async function fill({ url }: RedisServer): Promise<void> {
  const client = await createClient({ url }).connect();
  await Promise.all(Array.from({ length: LONG ? 8000 : 300 }, (_, i) => client.set(`filler-${i}`, 'x')));
  client.destroy();
}

/** Sends a command on a connection of its own. */
export async function tell({ url }: Pick<RedisServer, 'url'>, ...command: string[]): Promise<void> {
  const client = await createClient({ url }).connect();
  try {
    await client.sendCommand(command);
  } finally {
    client.destroy();
  }
}
