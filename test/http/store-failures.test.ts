import { describe, expect, it } from 'vitest';
import { createMemoryStore, createSessionRouter, type SessionStore } from '../../src/index.js';
import { expectError, expectSession } from './expect-answer.js';
import { HOSTS, listen } from './hosts.js';
import { request } from './request.js';
import { HOST_ANSWER } from './validate-answer.js';

const DRIVER_MESSAGE = 'password authentication failed for user "root" at 10.0.0.1';
const time = new Date().toISOString();
const good = { sessionId: 'live', createdAt: time, updatedAt: time };

/** Something that every method of a broken store does. */
type Fault = () => unknown;

const never = () => new Promise(() => {});
const thenable = (then: unknown) => ({ then });

const trap = () => {
  throw new Error('a trap');
};
const named = { name: 'StoreUnavailableError', status: 200, statusCode: 200 };
const unreadable: [string, unknown][] = [
  ['a name that can not be read', Object.defineProperty(new Error(DRIVER_MESSAGE), 'name', { get: trap })],
  ['a proxy', new Proxy(new Error(DRIVER_MESSAGE), { get: trap, getPrototypeOf: trap, has: trap })],
  ['the name of our own error', Object.assign(new Error(DRIVER_MESSAGE), named, { headers: null })],
  [
    'the name of our own error, and headers',
    Object.assign(new Error(DRIVER_MESSAGE), named, { headers: { 'Set-Cookie': 'a=b' } }),
  ],
];

const FAULTS: [string, Fault][] = [
  [
    'throws',
    () => {
      throw new Error(DRIVER_MESSAGE);
    },
  ],
  [
    'throws what is no error',
    () => {
      throw DRIVER_MESSAGE;
    },
  ],
  [
    'throws undefined',
    () => {
      throw undefined;
    },
  ],
  ['rejects', () => Promise.reject(new Error(DRIVER_MESSAGE))],
  ['rejects with undefined', () => Promise.reject(undefined)],
  [
    'rejects with an error that can not be read',
    () =>
      Promise.reject(
        Object.defineProperty(new Error(DRIVER_MESSAGE), 'code', {
          get() {
            throw new Error('no response yet');
          },
        }),
      ),
  ],
  ...unreadable.flatMap(([kind, error]): [string, Fault][] => [
    [`rejects with ${kind}`, () => Promise.reject(error)],
    [
      `throws ${kind}`,
      () => {
        throw error;
      },
    ],
  ]),
  [
    'rejects later',
    async () => {
      await new Promise(setImmediate);
      throw new Error(DRIVER_MESSAGE);
    },
  ],
  ['hangs', never],
  ['is a thenable that hangs', () => thenable(() => {})],
  [
    'is a thenable that throws',
    () =>
      thenable(() => {
        throw new Error(DRIVER_MESSAGE);
      }),
  ],
  [
    'is a thenable that fails, then answers',
    () =>
      thenable((ok: (v: unknown) => void, fail: (e: unknown) => void) => {
        fail(new Error(DRIVER_MESSAGE));
        ok(good);
      }),
  ],
  ['answers null', () => null],
  ['answers a number', () => 7],
  ['answers text', async () => JSON.stringify(good)],
  ['answers nothing in particular', async () => ({})],
  ['answers another session', () => ({ ...good, sessionId: 'other' })],
  ['answers without times', () => ({ sessionId: 'live' })],
  ['answers with a Date', () => ({ ...good, createdAt: new Date() })],
  ['answers with a time that is none', () => ({ ...good, updatedAt: '2026-99-99T00:00:00.000Z' })],
  ['answers with a time of another form', () => ({ ...good, updatedAt: '2026-01-01T00:00:00+01:00' })],
  ['answers with a customerId of another type', () => ({ ...good, customerId: 7 })],
  ['answers with an empty visitId', () => ({ ...good, visitId: '' })],
  ['answers with a null agentId', () => ({ ...good, agentId: null })],
  [
    'answers with a throwing getter',
    () => ({
      get sessionId() {
        throw new Error(DRIVER_MESSAGE);
      },
    }),
  ],
];

describe.each(HOSTS)('a store that fails, on $name', ({ listener, prefix }) => {
  const storeTimeout = 60;
  const start = async (store: SessionStore, maxPendingStoreCalls?: number) => {
    const options = { storeTimeout, maxPendingStoreCalls, allowDelete: true };
    const { url } = await listen(listener(createSessionRouter(store, options)));
    return (method: 'put' | 'get' | 'post' | 'delete', path: string) => request(url)[method](prefix + path);
  };

  it.each(FAULTS)('%s: one 503 with Retry-After, and no word of the driver', async (_, fault) => {
    const broken = fault as never;
    const call = await start({ create: broken, get: broken, update: broken, delete: broken });
    const calls = [
      ['put', '/sessions/new'],
      ['get', '/sessions/live'],
      ['post', '/sessions/live'],
      ['delete', '/sessions/live'],
    ] as const;
    await Promise.all(
      calls.map(async ([method, path]) => {
        const response = await call(method, path);
        expectError(response, 503, 'store_unavailable', /^Session store unavailable$/);
        expect(response.headers['retry-after']).toBe('1');
      }),
    );
  });

  it('one that answers twice is heard once', async () => {
    const memory = createMemoryStore();
    const call = await start({
      ...memory,
      get: () =>
        thenable((resolve: (value: unknown) => void) => {
          resolve(good);
          resolve({ ...good, sessionId: 'evil' });
          throw new Error(DRIVER_MESSAGE);
        }) as never,
    });
    expectSession(await call('get', '/sessions/live'), 200, { sessionId: 'live' });
  });

  it('members that are none of ours are not shown', async () => {
    const call = await start({
      ...createMemoryStore(),
      get: () => ({ ...good, password: 'x', toJSON: () => 'y' }),
    });
    const response = await call('get', '/sessions/live');
    expect(response.body).toEqual(good);
  });

  it('one that refuses every random ID is at fault itself: 503, and it is asked once', async () => {
    let creates = 0;
    const create = () => void creates++;
    const call = await start({ ...createMemoryStore(), create });
    expectError(await call('put', '/sessions/new'), 503, 'store_unavailable');
    expect(creates).toBe(1);
  });

  it('one that neither updates nor creates is not asked for ever', async () => {
    const call = await start({ ...createMemoryStore(), update: () => undefined, create: () => undefined });
    expectError(await call('post', '/sessions/live'), 503, 'store_unavailable');
  });

  it('POST has one deadline for all its calls, and makes no further one after it', async () => {
    let answerUpdate: (value: undefined) => void = () => {};
    let creates = 0;
    const call = await start({
      ...createMemoryStore(),
      update: () =>
        new Promise((resolve) => {
          answerUpdate = resolve;
        }),
      create: () => {
        creates++;
        return undefined;
      },
    });
    expectError(await call('post', '/sessions/live'), 503, 'store_unavailable');
    answerUpdate(undefined);
    await new Promise(setImmediate);
    expect(creates).toBe(0);
  });

  it('a session that goes and comes between update and create is still updated', async () => {
    const memory = createMemoryStore();
    let updates = 0;
    const call = await start({
      ...memory,
      async update(sessionId, associations) {
        if (updates++ > 0) return memory.update(sessionId, associations);
        await memory.create(sessionId, { customerId: 'of the other request' });
        return undefined;
      },
    });
    const response = await call('post', '/sessions/live').send({ visitId: 'v' });
    expectSession(response, 200, { sessionId: 'live', customerId: 'of the other request', visitId: 'v' });
  });

  it('over maxPendingStoreCalls it answers 503 at once, and it recovers', async () => {
    const memory = createMemoryStore();
    await memory.create('live', {});
    let hanging = true;
    let asked = 0;
    const call = await start(
      {
        ...memory,
        get(sessionId) {
          asked++;
          return (hanging ? never() : memory.get(sessionId)) as ReturnType<SessionStore['get']>;
        },
      },
      3,
    );
    const started = performance.now();
    const responses = await Promise.all(Array.from({ length: 20 }, () => call('get', '/sessions/live')));
    for (const answer of responses) expectError(response, 503, 'store_unavailable');
    // Three that never settle, and after them at most one probe in every storeTimeout.
    const probes = Math.ceil((performance.now() - started) / storeTimeout) + 1;
    expect(asked).toBeGreaterThanOrEqual(3);
    expect(asked).toBeLessThanOrEqual(3 + probes);
    hanging = false;
    await expect
      .poll(async () => (await call('get', '/sessions/live')).status, {
        timeout: 5000,
        interval: storeTimeout / 3,
      })
      .toBe(200);
    for (let i = 0; i < 5; i++) expectSession(await call('get', '/sessions/live'), 200, {});
  });

  it.each(['resolve', 'reject'] as const)(
    'a host that has answered meanwhile is left alone: %s',
    async (outcome) => {
      const settle: (() => void)[] = [];
      const get = () =>
        new Promise<undefined>((resolve, reject) => {
          settle.push(() => (outcome === 'resolve' ? resolve(undefined) : reject(new Error(DRIVER_MESSAGE))));
        });
      const router = createSessionRouter({ ...createMemoryStore(), get });
      const { url } = await listen((req, res) => {
        listener(router)(req, res);
        res.writeHead(504, { [HOST_ANSWER]: 'time-out' });
        res.end('the host was quicker');
      });
      for (let i = 0; i < 2; i++) {
        const response = await request(url).get(`${prefix}/sessions/live`);
        expect({ status: response.status, text: response.text }).toEqual({
          status: 504,
          text: 'the host was quicker',
        });
        settle[i]?.();
        await new Promise(setImmediate);
      }
    },
  );
});
