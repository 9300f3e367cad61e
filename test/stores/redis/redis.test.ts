import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { createClient } from 'redis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createRedisStore } from '../../../src/stores/redis/redis.js';
import { sessionStoreCases } from '../../../src/testing/index.js';
import { needs } from '../../servers/needs.js';
import { START_LIMIT } from '../../servers/server-process.js';
import { variants } from '../../variants.js';
import { expectShorterTimeoutsToHold } from '../shorter-timeouts.js';
import {
  CLIENTS,
  type Connection,
  connectNodeRedis,
  connectNodeRedisCluster,
  type RedisServers,
  startRedisServers,
} from './redis-clients.js';

let servers: RedisServers;

needs('redis-server')('createRedisStore', () => {
  beforeAll(async () => {
    servers = await startRedisServers();
  }, START_LIMIT);
  afterAll(() => servers?.stop());

  describe.each(variants(CLIENTS))('with %s', (_, connect) => {
    let connection: Connection;
    beforeAll(async () => {
      connection = await connect(servers);
    });
    afterAll(() => connection?.close());

    for (const { name, run } of sessionStoreCases((timeouts) =>
      createRedisStore(connection.send, timeouts),
    )) {
      it.concurrent(name, run);
    }
  });

  describe('on a server', () => {
    let connection: Connection;
    const command = (...args: string[]) => connection.send(args, '');
    beforeAll(async () => {
      connection = await connectNodeRedis(servers);
    });
    afterAll(() => connection?.close());

    /** A store, and the names of the commands that it has sent. */
    function counted(options = {}) {
      const sent: unknown[] = [];
      const store = createRedisStore((args, key) => {
        sent.push(args[0]);
        return connection.send(args, key);
      }, options);
      return { store, sent };
    }

    it('takes one round trip for each call', async () => {
      const { store, sent } = counted();
      const id = randomUUID();
      await store.get(id);
      sent.length = 0;
      await store.create(id, { agentId: 'a' });
      await store.get(id);
      await store.peek(id);
      await store.update(id, { visitId: 'v', agentId: null });
      await store.delete(id);
      expect(sent).toEqual(Array(5).fill('EVALSHA'));
    });

    it('sends the script once more when the server has forgotten it', async () => {
      const { store, sent } = counted();
      await command('SCRIPT', 'FLUSH');
      const id = randomUUID();
      expect(await store.create(id, { agentId: 'a' })).toMatchObject({ agentId: 'a' });
      expect(await store.get(id)).toMatchObject({ agentId: 'a' });
      expect(sent).toEqual(['EVALSHA', 'EVAL', 'EVALSHA']);
    });

    it('keeps a session under its prefix, apart from those under another', async () => {
      const { store } = counted();
      const { store: other } = counted({ prefix: 'other:' });
      const id = randomUUID();
      await store.create(id, {});
      expect(await other.get(id)).toBeUndefined();
      await other.create(id, {});
      expect(await command('EXISTS', `session-info:${id}`, `other:${id}`)).toBe(2);
    });

    it('lets Redis remove the session at the earlier of its deadlines', async () => {
      const id = randomUUID();
      const left = async () => Number(await command('PTTL', `session-info:${id}`));
      await counted({ idleTimeout: 50_000, absoluteTimeout: 90_000 }).store.create(id, {});
      expect(await left()).toBeGreaterThan(48_000);
      expect(await left()).toBeLessThanOrEqual(50_000);
      await counted({ idleTimeout: 90_000, absoluteTimeout: 70_000 }).store.get(id);
      expect(await left()).toBeGreaterThan(68_000);
      expect(await left()).toBeLessThanOrEqual(70_000);
    });

    it('holds a session to timeouts that are shorter than those it was made under', () =>
      expectShorterTimeoutsToHold((timeouts) => counted(timeouts).store));

    it('has Redis expire a session whose absolute timeout is far below its idle timeout', async () => {
      const id = randomUUID();
      await counted({ idleTimeout: 60_000, absoluteTimeout: 500 }).store.create(id, {});
      expect(await command('PTTL', `session-info:${id}`)).toBeGreaterThan(0);
    });

    it('writes nothing on a read before 5 % of the idle timeout, and the new deadline after', async () => {
      const { store } = counted({ idleTimeout: 4000 });
      const id = randomUUID();
      const deadline = () => command('PEXPIRETIME', `session-info:${id}`);
      await store.create(id, {});
      const first = await deadline();
      await store.get(id);
      expect(await deadline()).toBe(first);
      await sleep(250);
      await store.get(id);
      expect(Number(await deadline()) - Number(first)).toBeGreaterThanOrEqual(200);
    });

    it('gives a key that somebody made persistent its deadline back', async () => {
      const { store } = counted();
      const id = randomUUID();
      await store.create(id, {});
      await command('PERSIST', `session-info:${id}`);
      await store.get(id);
      expect(await command('PTTL', `session-info:${id}`)).toBeGreaterThan(0);
    });

    it('finds no session under a key that was made persistent, and is past its absolute timeout', async () => {
      const id = randomUUID();
      await counted().store.create(id, {});
      await command('PERSIST', `session-info:${id}`);
      await sleep(20);
      expect(await counted({ absoluteTimeout: 10 }).store.get(id)).toBeUndefined();
      expect(await command('EXISTS', `session-info:${id}`)).toBe(0);
    });

    it('leaves a session as it is when it peeks, whatever its deadline', async () => {
      const id = randomUUID();
      const key = `session-info:${id}`;
      await counted({ idleTimeout: 50_000 }).store.create(id, { agentId: 'a' });
      const before = [await command('PEXPIRETIME', key), await command('HGETALL', key)];
      const longer = counted({ idleTimeout: 90_000 }).store;
      expect(await longer.peek(id)).toMatchObject({ agentId: 'a' });
      await sleep(20);
      const over = counted({ idleTimeout: 50_000, absoluteTimeout: 10 }).store;
      expect(await over.peek(id)).toBeUndefined();
      expect([await command('PEXPIRETIME', key), await command('HGETALL', key)]).toEqual(before);
    });

    it('keeps no field of a member that was removed', async () => {
      const { store } = counted();
      const id = randomUUID();
      await store.create(id, { agentId: 'a', customerId: 'c', visitId: 'v' });
      const updated = await store.update(id, { agentId: null, customerId: 'd', visitId: null });
      expect(updated).toMatchObject({ customerId: 'd' });
      expect(await command('HKEYS', `session-info:${id}`)).toEqual(['createdAt', 'updatedAt', 'customerId']);
      expect(await store.get(id)).toEqual(updated);
    });

    it('rejects a hash without one of its times', async () => {
      const { store } = counted();
      const id = randomUUID();
      await command('HSET', `session-info:${id}`, 'createdAt', `${Date.now()}`);
      await expect(store.get(id)).rejects.toThrow();
    });

    it.each([
      ['a string', ['SET', 'session-info:foreign', 'x']],
      ['a hash that is no session', ['HSET', 'session-info:foreign', 'x', 'y']],
    ])('fails on %s under its key, and leaves it alone', async (_, put) => {
      const { store } = counted();
      await command('DEL', 'session-info:foreign');
      await command(...put);
      const before = await command('DUMP', 'session-info:foreign');
      await expect(store.get('foreign')).rejects.toThrow(/WRONGTYPE|not a session/);
      await expect(store.update('foreign', { agentId: 'a' })).rejects.toThrow(/WRONGTYPE|not a session/);
      await expect(store.delete('foreign')).rejects.toThrow(/WRONGTYPE|not a session/);
      await expect(store.create('foreign', {})).rejects.toThrow(/WRONGTYPE|not a session/);
      expect(await command('DUMP', 'session-info:foreign')).toEqual(before);
    });

    it('rejects the replies of a client that mixes them up, found or not', async () => {
      const { store } = counted();
      const [mine, theirs] = [randomUUID(), randomUUID()];
      await store.create(theirs, { customerId: 'theirs' });
      const mixedUp = createRedisStore(([name = '', script = '', ...rest], key) =>
        connection.send(
          [name, script, ...rest.map((arg) => arg.replace(mine, theirs))],
          key.replace(mine, theirs),
        ),
      );
      await expect(mixedUp.get(mine)).rejects.toThrow('the reply to another call');
      await expect(mixedUp.create(mine, {})).rejects.toThrow('the reply to another call');
      await expect(mixedUp.delete(mine)).rejects.toThrow('the reply to another call');
      await expect(mixedUp.get(mine)).rejects.toThrow('the reply to another call');
    });

    it('spreads sessions over the nodes of a Cluster', async () => {
      const { send, close } = await connectNodeRedisCluster(servers);
      const store = createRedisStore(send);
      const nodes = await Promise.all(
        servers.cluster.nodes.map(({ url }) => createClient({ url }).connect()),
      );
      const before = await Promise.all(nodes.map((node) => node.dbSize()));
      await Promise.all(Array.from({ length: 60 }, () => store.create(randomUUID(), {})));
      const after = await Promise.all(nodes.map((node) => node.dbSize()));
      for (const [i, size] of after.entries()) expect(size - (before[i] ?? 0)).toBeGreaterThanOrEqual(5);
      for (const node of nodes) node.destroy();
      await close();
    });
  });
});

describe('createRedisStore', () => {
  const rejecting = (message: string) => {
    const sent: unknown[] = [];
    const store = createRedisStore(async ([name]) => {
      sent.push(name);
      throw new Error(message);
    });
    return { store, sent };
  };

  it('rejects with the error of the client, and sends nothing more', async () => {
    const { store, sent } = rejecting('LOADING Redis is loading the dataset in memory');
    await expect(store.get('id')).rejects.toThrow('LOADING');
    expect(sent).toEqual(['EVALSHA']);
  });

  it('falls back to the script only once', async () => {
    const { store, sent } = rejecting('NOSCRIPT No matching script. Please use EVAL.');
    await expect(store.get('id')).rejects.toThrow('NOSCRIPT');
    expect(sent).toEqual(['EVALSHA', 'EVAL']);
  });

  it('rejects when the client throws', async () => {
    const store = createRedisStore(() => {
      throw new Error('The client is closed');
    });
    await expect(store.get('id')).rejects.toThrow('The client is closed');
  });

  it.each([
    ['Buffers', [...Array(7)].map(() => Buffer.from('1'))],
    ['null', null],
    ['a map', { createdAt: '1' }],
    ['a status', 'OK'],
    ['too little', ['a', 'b']],
  ])('rejects a reply that is %s, with what to do', async (_, reply) => {
    const store = createRedisStore(async () => reply);
    await expect(store.get('id')).rejects.toThrow('createRedisStore: sendCommand must return');
  });

  it.each([
    [
      undefined,
      {},
      'createRedisStore: sendCommand must be a function; pass (args) => client.sendCommand(args)',
    ],
    [{ sendCommand() {} }, {}, 'createRedisStore: sendCommand must be a function'],
    [
      async () => null,
      { ttl: 1 },
      'createRedisStore: unknown option "ttl"; use idleTimeout, absoluteTimeout, prefix, indexCustomers',
    ],
    [
      async () => null,
      { indexCustomers: 'yes' },
      'createRedisStore: option "indexCustomers" must be true or false',
    ],
    [async () => null, { idleTimeout: 0 }, 'createRedisStore: option "idleTimeout" must be a whole number'],
  ])('throws for a wrong argument, with the fix: %j %j', (send, options, message) => {
    expect(() => createRedisStore(send as never, options as never)).toThrow(message);
  });

  it.each(['', 'shop', 'shop-', 'shop_', 'shop.', 'shop~', 's:hop9', 1])(
    'refuses the prefix %j, from which an ID could reach the keys of others',
    (prefix) => {
      expect(() => createRedisStore(async () => null, { prefix: prefix as string })).toThrow(
        'createRedisStore: option "prefix" must be a string that ends in a character that no session ID has, such as ":"',
      );
    },
  );
});
