import express, { type ErrorRequestHandler } from 'express';
import { describe, expect, it } from 'vitest';
import {
  attachSession,
  createMemoryStore,
  createSessionRouter,
  type SessionMiddleware,
  type SessionRouter,
  type SessionStore,
} from '../../src/index.js';
import { expectError, expectSession } from './expect-response.js';
import { HOSTS, listen } from './hosts.js';
import { request } from './request.js';
import { HOST_RESPONSE } from './validate-response.js';

const DRIVER_MESSAGE = 'password authentication failed for user "root" at 10.0.0.1';
const time = new Date().toISOString();
const good = { sessionId: 'live', createdAt: time, updatedAt: time };

/** What every method of a broken store does. */
type Fault = () => unknown;

const never = () => new Promise(() => {});
const thenable = (then: unknown) => ({ then });

const trap = () => {
  throw new Error('a trap');
};
const named = { name: 'StoreUnavailableError', status: 200, statusCode: 200 };
const unreadable: [string, unknown][] = [
  ['a name that cannot be read', Object.defineProperty(new Error(DRIVER_MESSAGE), 'name', { get: trap })],
  ['a proxy', new Proxy(new Error(DRIVER_MESSAGE), { get: trap, getPrototypeOf: trap, has: trap })],
  ['the name of our error', Object.assign(new Error(DRIVER_MESSAGE), named, { headers: null })],
  [
    'the name of our error, and headers',
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
    'throws a string',
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
    'rejects with an error that cannot be read',
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
    'is a thenable that fails, then resolves',
    () =>
      thenable((ok: (v: unknown) => void, fail: (e: unknown) => void) => {
        fail(new Error(DRIVER_MESSAGE));
        ok(good);
      }),
  ],
  ['returns null', () => null],
  ['returns a number', () => 7],
  ['returns text', async () => JSON.stringify(good)],
  ['returns an empty object', async () => ({})],
  ['returns another session', () => ({ ...good, sessionId: 'other' })],
  ['returns without times', () => ({ sessionId: 'live' })],
  ['returns a Date', () => ({ ...good, createdAt: new Date() })],
  ['returns a time that is none', () => ({ ...good, updatedAt: '2026-99-99T00:00:00.000Z' })],
  ['returns a time of another form', () => ({ ...good, updatedAt: '2026-01-01T00:00:00+01:00' })],
  ['returns a customerId of another type', () => ({ ...good, customerId: 7 })],
  ['returns an empty visitId', () => ({ ...good, visitId: '' })],
  ['returns a null agentId', () => ({ ...good, agentId: null })],
  [
    'returns a throwing getter',
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

  it.each(FAULTS)('%s: one 503 with Retry-After, and no message of the driver', async (_, fault) => {
    const broken = fault as never;
    const call = await start({ create: broken, get: broken, peek: broken, update: broken, delete: broken });
    const calls = [
      ['put', '/sessions/new'],
      ['get', '/sessions/live'],
      ['get', '/sessions/live?extend=false'],
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

  it('only the first result of a thenable counts', async () => {
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

  it('shows no unknown members', async () => {
    const call = await start({
      ...createMemoryStore(),
      get: () => ({ ...good, password: 'x', toJSON: () => 'y' }),
    });
    const response = await call('get', '/sessions/live');
    expect(response.body).toEqual(good);
  });

  it('503 for a store that refuses a random ID, after one call', async () => {
    let creates = 0;
    const create = () => void creates++;
    const call = await start({ ...createMemoryStore(), create });
    expectError(await call('put', '/sessions/new'), 503, 'store_unavailable');
    expect(creates).toBe(1);
  });

  it('503 for a store that neither updates nor creates', async () => {
    const call = await start({ ...createMemoryStore(), update: () => undefined, create: () => undefined });
    expectError(await call('post', '/sessions/live'), 503, 'store_unavailable');
  });

  it('POST has one deadline for all its calls, and makes none after it', async () => {
    let finishUpdate: (value: undefined) => void = () => {};
    let creates = 0;
    const call = await start({
      ...createMemoryStore(),
      update: () =>
        new Promise((resolve) => {
          finishUpdate = resolve;
        }),
      create: () => {
        creates++;
        return undefined;
      },
    });
    expectError(await call('post', '/sessions/live'), 503, 'store_unavailable');
    finishUpdate(undefined);
    await new Promise(setImmediate);
    expect(creates).toBe(0);
  });

  it('updates a session that another request created between update and create', async () => {
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

  it('responds with 503 at once over maxPendingStoreCalls, and recovers', async () => {
    const memory = createMemoryStore();
    await memory.create('live', {});
    let hanging = true;
    let reads = 0;
    const call = await start(
      {
        ...memory,
        get(sessionId) {
          reads++;
          return (hanging ? never() : memory.get(sessionId)) as ReturnType<SessionStore['get']>;
        },
      },
      3,
    );
    const started = performance.now();
    const responses = await Promise.all(Array.from({ length: 20 }, () => call('get', '/sessions/live')));
    for (const response of responses) expectError(response, 503, 'store_unavailable');
    // Three that never settle, and after them at most one probe in every storeTimeout.
    const probes = Math.ceil((performance.now() - started) / storeTimeout) + 1;
    expect(reads).toBeGreaterThanOrEqual(3);
    expect(reads).toBeLessThanOrEqual(3 + probes);
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
    'does nothing more once the app has responded: %s',
    async (outcome) => {
      const settle: (() => void)[] = [];
      const get = () =>
        new Promise<undefined>((resolve, reject) => {
          settle.push(() => (outcome === 'resolve' ? resolve(undefined) : reject(new Error(DRIVER_MESSAGE))));
        });
      const router = createSessionRouter({ ...createMemoryStore(), get });
      const { url } = await listen((req, res) => {
        listener(router)(req, res);
        res.writeHead(504, { [HOST_RESPONSE]: 'time-out' });
        res.end('the app was faster');
      });
      for (let i = 0; i < 2; i++) {
        const response = await request(url).get(`${prefix}/sessions/live`);
        expect({ status: response.status, text: response.text }).toEqual({
          status: 504,
          text: 'the app was faster',
        });
        settle[i]?.();
        await new Promise(setImmediate);
      }
    },
  );
});

describe('one store object, on which several are mounted', () => {
  const limits = { storeTimeout: 60, maxPendingStoreCalls: 2 };

  /** An app with these middlewares, each at a path of its own, and the calls that its store has received. */
  async function start(create: (store: SessionStore) => (SessionMiddleware | SessionRouter)[]) {
    const calls: string[] = [];
    const hang = (method: string) => () => {
      calls.push(method);
      return never() as never;
    };
    const store: SessionStore = {
      create: hang('create'),
      get: hang('get'),
      peek: hang('peek'),
      update: hang('update'),
      delete: hang('delete'),
    };
    const app = express();
    const mounted = create(store);
    for (const [i, middleware] of mounted.entries()) app.use(`/${i}`, middleware);
    app.use(((error, _req, res, _next) => void res.status(error.status).end()) as ErrorRequestHandler);
    const { url } = await listen(app);
    const statuses = async (times: number) => {
      const responses = mounted.flatMap((_, i) =>
        Array.from({ length: times }, () => fetch(`${url}/${i}/page?sessionId=live`)),
      );
      return new Set((await Promise.all(responses)).map(({ status }) => status));
    };
    return { calls, statuses };
  }

  it.each<[string, (store: SessionStore) => (SessionMiddleware | SessionRouter)[]]>([
    ['five that set the limits', (store) => Array.from({ length: 5 }, () => attachSession(store, limits))],
    [
      'the last of which sets the limits',
      (store) => [
        ...Array.from({ length: 4 }, () => attachSession(store)),
        createSessionRouter(store, limits),
      ],
    ],
    [
      'each of which sets one limit or none',
      (store) => [
        attachSession(store, { maxPendingStoreCalls: 2 }),
        attachSession(store, { storeTimeout: 60 }),
        createSessionRouter(store),
        attachSession(store, { extend: false }),
        attachSession(store),
      ],
    ],
  ])('puts no more calls into it than one would: %s', async (_, create) => {
    const { calls, statuses } = await start(create);
    const started = performance.now();
    expect(await statuses(4)).toEqual(new Set([503]));
    const probes = Math.ceil((performance.now() - started) / limits.storeTimeout);
    expect(calls.length).toBeGreaterThanOrEqual(3);
    expect(calls.length).toBeLessThanOrEqual(2 + probes);
  });

  it('rejects two different values', () => {
    const store = createMemoryStore();
    attachSession(store, { storeTimeout: 100 });
    createSessionRouter(store, { storeTimeout: 100, maxPendingStoreCalls: 5 });
    expect(() => attachSession(store, { maxPendingStoreCalls: 6 })).toThrow(
      'attachSession: option "maxPendingStoreCalls" is already 5 for this store',
    );
    expect(() => createSessionRouter(store, { storeTimeout: 1000 })).toThrow(
      'createSessionRouter: option "storeTimeout" is already 100 for this store',
    );
  });
});
