import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SessionInfo } from '../../../src/session-info.js';
import { createCustomerSessions } from '../../../src/stores/redis/customer-sessions.js';
import { createRedisStore } from '../../../src/stores/redis/redis.js';
import { customerSessionsCases } from '../../../src/testing/index.js';
import { needs } from '../../servers/needs.js';
import { START_LIMIT } from '../../servers/server-process.js';
import { variants } from '../../variants.js';
import {
  CLIENTS,
  type Connection,
  connectNodeRedis,
  type RedisServers,
  startRedisServers,
} from './redis-clients.js';

/** Characters that mean something to a key, to a Cluster's slots, to Lua or to a pattern, and the longest customer ID. */
const CUSTOMERS = [
  'plain',
  'a:b',
  ':',
  '{',
  '}',
  '{}',
  '{tag}x',
  'x{tag',
  '*?[a]',
  '"\'\\',
  'Zoë 🛒',
  '%d',
  '漢'.repeat(256),
];
const ids = (sessions: readonly SessionInfo[]) => sessions.map(({ sessionId }) => sessionId);
const indexed = { indexCustomers: true } as const;

needs('redis-server')('createRedisStore with indexCustomers', () => {
  let servers: RedisServers;
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

    for (const { name, run } of customerSessionsCases((timeouts) =>
      createRedisStore(connection.send, { ...timeouts, ...indexed }),
    )) {
      it.concurrent(name, run);
    }

    it('lists and ends the sessions of a customer, whatever slots they are in', async () => {
      const store = createRedisStore(connection.send, indexed);
      const customerId = randomUUID();
      const sessions = Array.from({ length: 12 }, () => randomUUID());
      for (const id of sessions) {
        await store.create(id, { customerId });
        await sleep(2);
      }
      const moved = sessions.splice(3, 1)[0] ?? '';
      await store.update(moved, { customerId: randomUUID() });
      const newestFirst = sessions.toReversed();
      expect(ids(await store.listByCustomer(customerId))).toEqual(newestFirst);
      expect(ids(await store.listByCustomer(customerId, { limit: 2 }))).toEqual(newestFirst.slice(0, 2));
      const [except = ''] = sessions;
      expect(await store.deleteByCustomer(customerId, { except })).toBe(10);
      expect(ids(await store.listByCustomer(customerId))).toEqual([except]);
      expect(await store.peek(moved)).toBeDefined();
    });

    it.each(CUSTOMERS)('tells customer %j from every other', async (customerId) => {
      const store = createRedisStore(connection.send, { ...indexed, prefix: `${randomUUID()}:` });
      const created = await Promise.all(
        CUSTOMERS.map((customerId, i) => store.create(`s-${i}`, { customerId })),
      );
      const own = created.filter((session) => session?.customerId === customerId);
      expect(own).toHaveLength(1);
      expect(await store.listByCustomer(customerId)).toEqual(own);
      expect(await store.deleteByCustomer(customerId)).toBe(1);
      expect(await store.listByCustomer(customerId)).toEqual([]);
    });
  });

  describe('on a server', () => {
    let connection: Connection;
    const command = (...args: string[]) => connection.send(args, '');
    beforeAll(async () => {
      connection = await connectNodeRedis(servers);
    });
    afterAll(() => connection?.close());

    /** A store with a prefix of its own, and the keys of the commands that it has sent. */
    function counted() {
      const prefix = `${randomUUID()}:`;
      const keys: string[] = [];
      const store = createRedisStore(
        (args, key) => {
          keys.push(key.replace(prefix, ''));
          return connection.send(args, key);
        },
        { ...indexed, prefix },
      );
      return { store, keys, prefix };
    }

    it('takes two round trips for a call with a customerId, the index first, and one for any other', async () => {
      const { store, keys } = counted();
      await store.listByCustomer('c'); // loads the scripts
      await store.create('warm', { customerId: 'c' });
      keys.length = 0;
      await store.create('a', { customerId: 'c' });
      await store.update('a', { customerId: 'd' });
      expect(keys.splice(0)).toEqual(['customer:c:', 'a', 'customer:d:', 'a']);
      await store.create('b', { visitId: 'v' });
      await store.get('a');
      await store.peek('a');
      await store.update('a', { agentId: 'x', customerId: null });
      await store.update('a', { agentId: null, customerId: undefined });
      await store.delete('a');
      expect(keys.splice(0)).toEqual(['b', 'a', 'a', 'a', 'a', 'a']);
    });

    it('keeps no index without the option', async () => {
      const prefix = `${randomUUID()}:`;
      const store = createRedisStore(connection.send, { prefix });
      await store.create('a', { customerId: 'c' });
      await store.update('a', { customerId: 'd' });
      expect(await command('KEYS', `${prefix}*`)).toEqual([`${prefix}a`]);
      expect(store).not.toHaveProperty('listByCustomer');
    });

    it('changes nothing when the entry fails', async () => {
      const { store, prefix } = counted();
      await store.create('a', { visitId: 'v' });
      await command('SET', `${prefix}customer:c:`, 'x');
      await expect(store.create('b', { customerId: 'c' })).rejects.toThrow('WRONGTYPE');
      await expect(store.update('a', { customerId: 'c' })).rejects.toThrow('WRONGTYPE');
      await expect(store.listByCustomer('c')).rejects.toThrow('WRONGTYPE');
      await expect(store.deleteByCustomer('c')).rejects.toThrow('WRONGTYPE');
      expect(await store.peek('b')).toBeUndefined();
      expect(await store.peek('a')).not.toHaveProperty('customerId');
    });

    it('rejects a list when one of its sessions can not be read, instead of leaving it out', async () => {
      const { store, prefix } = counted();
      await store.create('a', { customerId: 'c' });
      await store.create('b', { customerId: 'c' });
      await command('SET', `${prefix}a`, 'x');
      await expect(store.listByCustomer('c')).rejects.toThrow('WRONGTYPE');
      await expect(store.deleteByCustomer('c')).rejects.toThrow('WRONGTYPE');
    });

    it('keeps what it was given, whatever is written to it while the entry is on its way', async () => {
      const { store } = counted();
      const associations = { customerId: 'c', visitId: 'v' };
      const created = store.create('a', associations);
      Object.assign(associations, { customerId: 'd', visitId: 'w' });
      expect(await created).toMatchObject({ customerId: 'c', visitId: 'v' });
      expect(await store.listByCustomer('c')).toHaveLength(1);
    });

    it('refuses a session that is written too long after its entry', async () => {
      const prefix = `${randomUUID()}:`;
      let delay = 0;
      const { create, update } = createCustomerSessions(
        {
          sendCommand: async (args, key) => {
            if (!key.includes('customer:')) await sleep(delay);
            return connection.send(args, key);
          },
          prefix,
          idleTimeout: 10_000,
          absoluteTimeout: 10_000,
        },
        { margin: 200, fence: 100, batch: 100 },
      );
      await create('a', { customerId: 'c' });
      delay = 150;
      await expect(create('b', { customerId: 'c' })).rejects.toThrow('arrived too late');
      await expect(update('a', { customerId: 'd' })).rejects.toThrow('arrived too late');
      const store = createRedisStore(connection.send, { prefix });
      expect(await store.peek('b')).toBeUndefined();
      expect(await store.peek('a')).toMatchObject({ customerId: 'c' });
    });

    it('lets Redis remove the index absoluteTimeout and 10 minutes after the last call with the customer', async () => {
      const prefix = `${randomUUID()}:`;
      const store = createRedisStore(connection.send, { ...indexed, prefix, absoluteTimeout: 60_000 });
      const left = async () => Number(await command('PTTL', `${prefix}customer:c:`));
      await store.create('a', { customerId: 'c' });
      expect(await left()).toBeGreaterThan(658_000);
      expect(await left()).toBeLessThanOrEqual(660_000);
      await command('PEXPIRE', `${prefix}customer:c:`, '5000');
      await store.get('a');
      await store.update('a', { visitId: 'v' });
      await store.listByCustomer('c');
      expect(await left()).toBeLessThanOrEqual(5000);
      await store.update('a', { customerId: 'c' });
      expect(await left()).toBeGreaterThan(658_000);
    });

    it('drops entries by age only', async () => {
      const { store, prefix } = counted();
      const key = `${prefix}customer:c:`;
      const day = 24 * 60 * 60 * 1000 + 10 * 60_000;
      for (const id of ['ended', 'moved', 'old', 'younger']) await store.create(id, { customerId: 'c' });
      await command(
        'ZADD',
        key,
        `${Date.now() - day - 1000}`,
        'old',
        `${Date.now() - day + 5000}`,
        'younger',
      );
      await store.delete('ended');
      await store.update('moved', { customerId: 'd' });
      await store.listByCustomer('c');
      await store.deleteByCustomer('c');
      await store.create('new', { customerId: 'c' });
      expect(await command('ZRANGE', key, '0', '-1')).toEqual(['younger', 'ended', 'moved', 'new']);
    });

    it('never sets the time of an entry back', async () => {
      const { store, prefix } = counted();
      const later = `${Date.now() + 60_000}`;
      await store.create('a', { customerId: 'c' });
      await command('ZADD', `${prefix}customer:c:`, later, 'a');
      await store.update('a', { customerId: 'c' });
      expect(Number(await command('ZSCORE', `${prefix}customer:c:`, 'a'))).toBe(Number(later));
    });

    it('lists the newest, though older sessions were associated with the customer later', async () => {
      const { store } = counted();
      const all = Array.from({ length: 250 }, (_, i) => `s-${i}`);
      for (const id of all) await store.create(id, {});
      for (const customerId of all.toReversed()) await store.update(customerId, { customerId: 'c' });
      const newest = (await store.listByCustomer('c', { limit: 1000 })).slice(0, 40);
      expect(newest).toHaveLength(40);
      expect(await store.listByCustomer('c', { limit: 40 })).toEqual(newest);
    });

    it('stops reading when no further entry can be of a newer session', async () => {
      const { store, keys, prefix } = counted();
      const all = Array.from({ length: 300 }, (_, i) => `s-${i}`);
      for (const id of all) await store.create(id, { customerId: 'c' });
      const old = all.slice(0, 200).flatMap((id) => [`${Date.now() - 3_600_000}`, id]);
      await command('ZADD', `${prefix}customer:c:`, ...old);
      keys.length = 0;
      expect(await store.listByCustomer('c', { limit: 100 })).toHaveLength(100);
      expect(keys).toHaveLength(101);
    });

    it('ends more sessions than a list returns', async () => {
      const { store } = counted();
      const all = Array.from({ length: 1050 }, (_, i) => `s-${i}`);
      await Promise.all(all.map((id) => store.create(id, { customerId: 'c' })));
      expect(await store.listByCustomer('c')).toHaveLength(100);
      expect(await store.listByCustomer('c', { limit: 1000 })).toHaveLength(1000);
      expect(await store.deleteByCustomer('c', { except: 's-5' })).toBe(1049);
      expect(ids(await store.listByCustomer('c'))).toEqual(['s-5']);
    });

    it('never confuses an index with a session of another store, whatever their prefixes', async () => {
      const prefix = `${randomUUID()}:`;
      const customers = createRedisStore(connection.send, { ...indexed, prefix });
      const sessions = createRedisStore(connection.send, { prefix: `${prefix}customer:` });
      await sessions.create('c', { visitId: 'v' });
      await customers.create('a', { customerId: 'c' });
      expect(await customers.listByCustomer('c')).toHaveLength(1);
      expect(await sessions.peek('c')).toMatchObject({ visitId: 'v' });
    });
  });
});

describe('createRedisStore with indexCustomers', () => {
  it.each([
    ['Buffers', [Buffer.from('s'), Buffer.from('1')]],
    ['null', null],
    ['a status', 'OK'],
    ['too little', []],
  ])('rejects a reply that is %s, with what to do', async (_, reply) => {
    const store = createRedisStore(async () => reply, indexed);
    const message = 'createRedisStore: sendCommand must return';
    await expect(store.create('s', { customerId: 'c' })).rejects.toThrow(message);
    await expect(store.listByCustomer('c')).rejects.toThrow(message);
    await expect(store.deleteByCustomer('c')).rejects.toThrow(message);
  });

  it('rejects the reply to another call', async () => {
    const store = createRedisStore(async () => ['other', '1'], indexed);
    const message = 'sendCommand returned the reply to another call';
    await expect(store.create('s', { customerId: 'c' })).rejects.toThrow(message);
    await expect(store.listByCustomer('c')).rejects.toThrow(message);
    await expect(store.deleteByCustomer('c')).rejects.toThrow(message);
  });
});
