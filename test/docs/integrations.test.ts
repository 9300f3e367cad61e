import { once } from 'node:events';
import { get as httpGet, type Server } from 'node:http';
import { createRequire } from 'node:module';
import { connect } from 'node:net';
import type { INestApplication } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import compression from 'compression';
import express, { type Express } from 'express';
import session, { type SessionOptions } from 'express-session';
import passport from 'passport';
import { Strategy } from 'passport-local';
import type { Server as SocketServer } from 'socket.io';
import { io as connectSocketIo, type Socket } from 'socket.io-client';
import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { WebSocket } from 'ws';
import * as library from '../../src/index.js';
import { listen } from '../http/hosts.js';
import { signedCookie } from '../http/signed-cookie.js';
import { attackVisitors } from './attack-visitors.js';
import { blocksOf, readPage } from './docs-pages.js';
import { type RunOptions, runBlock, startBlock } from './run-block.js';
import { cookieOfCustomer, get, post, secret } from './visitor.js';

const PAGE = 'integrations.md';
const ORIGIN = 'https://shop.example';
/** Whether a session has ended is checked soon, or only with the next message. */
const SOON = { replace: { '10_000': '20' } };
const NEVER = {};

const { createMemoryStore } = library;
type Store = ReturnType<typeof createMemoryStore>;

const down = () => Promise.reject(new Error('down')) as never;

/** Starts a sample, with a customer in its store and a route that shows the request's customer. */
async function start(name: string, options: RunOptions = SOON) {
  const loaded = new Map<string, object>();
  const { url, port, server, exports } = await startBlock<{ app: Express; io: SocketServer }>(
    PAGE,
    name,
    options,
    loaded,
  );
  const { store } = loaded.get('sessions') as { store: Store };
  exports.app.get('/who', (req, res) => res.json({ customerId: req.sessionInfo?.customerId ?? null }));
  const cookie = await cookieOfCustomer(store, 'ann');
  return {
    ...exports,
    url,
    port,
    server,
    store,
    loaded,
    cookie,
    logIn: () => cookieOfCustomer(store, 'ann'),
  };
}

/** A client that asks for a WebSocket and reads nothing of the response. */
function upgrade(port: number, path: string, headers: Record<string, string>) {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  socket.on('error', () => {});
  onTestFinished(() => void socket.destroy());
  const lines = Object.entries({
    Connection: 'Upgrade',
    Upgrade: 'websocket',
    'Sec-WebSocket-Version': '13',
    'Sec-WebSocket-Key': 'AAAAAAAAAAAAAAAAAAAAAA==',
    ...headers,
  }).map(([name, value]) => `${name}: ${value}`);
  socket.write([`GET ${path} HTTP/1.1`, 'Host: localhost', ...lines, '', ''].join('\r\n'));
  return socket;
}

/** A store that returns no session before `respond` is called. */
function slowStore(store: Store) {
  let respond = () => {};
  const responding = new Promise<void>((resolve) => (respond = resolve));
  const reading = new Promise<void>((resolve) => {
    for (const method of ['get', 'peek'] as const) {
      const read = store[method];
      vi.spyOn(store, method).mockImplementation((sessionId) => {
        resolve();
        return responding.then(() => read(sessionId)) as never;
      });
    }
  });
  return { reading, respond };
}

/** A store that is down until `recover` is called. `failed` returns the methods that have failed. */
function failingStore(store: Store) {
  const methods: Record<string, true> = {};
  const spies = (['get', 'peek'] as const).map((method) =>
    vi.spyOn(store, method).mockImplementation(() => {
      methods[method] = true;
      return down();
    }),
  );
  const recover = () => {
    for (const spy of spies) spy.mockRestore();
  };
  return { failed: () => methods, recover };
}

function expectNoConnections(server: Server): Promise<void> {
  const count = () => new Promise((resolve) => server.getConnections((_error, found) => resolve(found)));
  return expect.poll(count).toBe(0);
}

/** What would end the process, collected until the test ends. */
function watchUncaught(): unknown[] {
  const errors: unknown[] = [];
  const collect = (error: unknown) => errors.push(error);
  for (const event of ['uncaughtException', 'unhandledRejection'] as const) {
    const listeners = process.listeners(event as 'uncaughtException');
    process.removeAllListeners(event).on(event, collect);
    onTestFinished(() => {
      process.removeListener(event, collect);
      for (const listener of listeners) process.on(event as 'uncaughtException', listener);
    });
  }
  return errors;
}

beforeEach(() => {
  vi.stubEnv('SESSION_SECRET', secret);
  vi.stubEnv('ORIGIN', ORIGIN);
});

function openWs(url: string, headers: Record<string, string>): WebSocket {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/chat?room=1`, { headers });
  socket.on('error', () => {});
  onTestFinished(() => socket.terminate());
  return socket;
}

async function connectWs(url: string, cookie: string): Promise<WebSocket> {
  const socket = openWs(url, { cookie, origin: ORIGIN });
  await once(socket, 'open');
  return socket;
}

describe('ws', () => {
  it('responds to a message, which counts as activity', async () => {
    const { url, store, cookie } = await start('ws', NEVER);
    const socket = await connectWs(url, cookie);
    const [read, looked] = [vi.spyOn(store, 'get'), vi.spyOn(store, 'peek')];
    socket.send('hello');
    const [message] = await once(socket, 'message');
    expect(String(message)).toBe('got hello');
    expect(read).toHaveBeenCalledTimes(1);
    expect(looked).not.toHaveBeenCalled();
  });

  it('an open socket and a reconnect do not count as activity', async () => {
    const { url, store, cookie } = await start('ws');
    const [read, looked] = [vi.spyOn(store, 'get'), vi.spyOn(store, 'peek')];
    (await connectWs(url, cookie)).close();
    await connectWs(url, cookie);
    looked.mockClear();
    await expect.poll(() => looked.mock.calls.length).toBeGreaterThan(2);
    expect(read).not.toHaveBeenCalled();
  });

  it('closes after a logout elsewhere', async () => {
    const { url, store, cookie } = await start('ws');
    const socket = await connectWs(url, cookie);
    store.deleteByCustomer('ann');
    expect((await once(socket, 'close'))[0]).toBe(4401);
  });

  it('responds to no message after a logout', async () => {
    const { url, store, cookie } = await start('ws', NEVER);
    const socket = await connectWs(url, cookie);
    const messages = vi.fn();
    socket.on('message', messages);
    store.deleteByCustomer('ann');
    socket.send('hello');
    expect((await once(socket, 'close'))[0]).toBe(4401);
    expect(messages).not.toHaveBeenCalled();
  });

  it('closes at a flood of messages, of which at most a hundred wait for the store', async () => {
    const { url, store, cookie } = await start('ws', NEVER);
    const socket = await connectWs(url, cookie);
    const read = vi.spyOn(store, 'get').mockImplementation((() => new Promise(() => {})) as never);
    for (let i = 0; i < 1000; i++) socket.send('x');
    expect((await once(socket, 'close'))[0]).toBe(1006);
    expect(read.mock.calls.length).toBeLessThanOrEqual(100);
  });

  it('stays open while the store is unavailable, and responds to no message', async () => {
    const { url, store, cookie } = await start('ws');
    const socket = await connectWs(url, cookie);
    const messages = vi.fn();
    socket.on('message', messages);
    const { failed, recover } = failingStore(store);
    socket.send('lost');
    await expect.poll(failed).toEqual({ get: true, peek: true });
    recover();
    socket.send('hello');
    await once(socket, 'message');
    expect(messages.mock.calls.map(([data]) => String(data))).toEqual(['got hello']);
  });

  it.each([
    ['another site', { origin: 'https://evil.example' }],
    ['no Origin', { origin: '' }],
    ['no session', { cookie: '' }],
    ['a forged cookie', { cookie: 'connect.sid=s%3Aa.b' }],
    ['an ID in another place', { cookie: '', gkc_sessionId: 'known' }],
  ])('refuses %s', async (_name, headers) => {
    const { url, store, cookie } = await start('ws');
    store.create('known', {});
    const socket = openWs(url, { cookie, origin: ORIGIN, ...headers });
    const [, response] = await once(socket, 'unexpected-response');
    expect(response.statusCode).toBe(403);
  });

  it('refuses everybody while the store is unavailable', async () => {
    const { url, store, cookie } = await start('ws');
    failingStore(store);
    const [, response] = await once(openWs(url, { cookie, origin: ORIGIN }), 'unexpected-response');
    expect(response.statusCode).toBe(403);
  });

  it('ends a connection to another path, which nobody else serves', async () => {
    const { port, server } = await start('ws');
    await once(upgrade(port, '/', {}).resume(), 'end');
    await expectNoConnections(server);
  });

  it('survives a long message, a broken frame and a dropped connection', async () => {
    const { url, server, cookie } = await start('ws');
    const long = await connectWs(url, cookie);
    long.send('x'.repeat(70_000));
    expect((await once(long, 'close'))[0]).toBe(1009);
    const broken = await connectWs(url, cookie);
    (broken as unknown as { _socket: NodeJS.WritableStream })._socket.write(Buffer.alloc(20, 0xff));
    await once(broken, 'close');
    const dropped = await connectWs(url, cookie);
    (dropped as unknown as { _socket: { resetAndDestroy(): void } })._socket.resetAndDestroy();
    await expectNoConnections(server);
    const again = await connectWs(url, cookie);
    again.send('hello');
    expect(String((await once(again, 'message'))[0])).toBe('got hello');
  });
});

function openSocketIo(
  url: string,
  extraHeaders: Record<string, string>,
  transport = 'websocket',
  query: Record<string, string> = {},
): Socket {
  const socket = connectSocketIo(url, {
    extraHeaders,
    query,
    transports: [transport],
    reconnection: false,
    forceNew: true,
  });
  onTestFinished(() => void socket.close());
  return socket;
}

function event(socket: Socket, name: string): Promise<unknown> {
  return new Promise((resolve) => socket.once(name, resolve));
}

describe('socket.io', () => {
  const LEAVE = '1';
  const JOIN = '0';

  /** Leaves the namespace, and keeps the connection. */
  async function leave(socket: Socket, io: SocketServer): Promise<void> {
    const left = Promise.all([...io.sockets.sockets.values()].map((each) => once(each, 'disconnect')));
    socket.io.engine.write(LEAVE);
    await left;
  }

  it.each(['websocket', 'polling'])(
    'replies to a visitor, by %s, which counts as activity',
    async (transport) => {
      const { url, store, cookie } = await start('socket-io', NEVER);
      const socket = openSocketIo(url, { cookie, origin: ORIGIN }, transport);
      await event(socket, 'connect');
      const read = vi.spyOn(store, 'get');
      expect(await socket.emitWithAck('echo', 'hello')).toBe('hello');
      expect(read).toHaveBeenCalledTimes(1);
    },
  );

  it.each(['websocket', 'polling'])(
    'an open connection by %s does not count as activity',
    async (transport) => {
      const { url, store, cookie } = await start('socket-io');
      const [read, looked] = [vi.spyOn(store, 'get'), vi.spyOn(store, 'peek')];
      await event(openSocketIo(url, { cookie, origin: ORIGIN }, transport), 'connect');
      const before = looked.mock.calls.length;
      await expect.poll(() => looked.mock.calls.length).toBeGreaterThan(before + 3);
      expect(read).not.toHaveBeenCalled();
    },
  );

  it('disconnects after a logout elsewhere', async () => {
    const { url, store, cookie } = await start('socket-io');
    const socket = openSocketIo(url, { cookie, origin: ORIGIN });
    await event(socket, 'connect');
    store.deleteByCustomer('ann');
    expect(await event(socket, 'disconnect')).toBe('io server disconnect');
  });

  it('disconnects at a flood of events, of which at most a hundred wait for the store', async () => {
    const { url, store, cookie } = await start('socket-io', NEVER);
    const socket = openSocketIo(url, { cookie, origin: ORIGIN });
    await event(socket, 'connect');
    const read = vi.spyOn(store, 'get').mockImplementation((() => new Promise(() => {})) as never);
    for (let i = 0; i < 1000; i++) socket.emit('echo', 'x');
    expect(await event(socket, 'disconnect')).toMatch(/^transport /);
    expect(read.mock.calls.length).toBeLessThanOrEqual(100);
  });

  it.each(['websocket', 'polling'])(
    'stays connected by %s while the store is unavailable, and replies to no event',
    async (transport) => {
      const { url, store, cookie } = await start('socket-io');
      const socket = openSocketIo(url, { cookie, origin: ORIGIN }, transport);
      await event(socket, 'connect');
      const { failed, recover } = failingStore(store);
      const reply = vi.fn();
      socket.emit('echo', 'lost', reply);
      await expect.poll(failed).toEqual({ get: true, peek: true });
      recover();
      expect(await socket.timeout(5000).emitWithAck('echo', 'hello')).toBe('hello');
      expect(reply).not.toHaveBeenCalled();
    },
  );

  it.each(['websocket', 'polling'])('takes an empty sid for none, by %s', async (transport) => {
    const { url, cookie } = await start('socket-io');
    await event(openSocketIo(url, { cookie, origin: ORIGIN }, transport, { sid: '' }), 'connect');
    const stranger = openSocketIo(url, { origin: ORIGIN }, transport, { sid: '' });
    expect(await event(stranger, 'connect_error')).toMatchObject({ message: 'no session' });
  });

  it('connects who came while the store was unavailable, once it has recovered', async () => {
    const { url, store, cookie } = await start('socket-io');
    const { recover } = failingStore(store);
    const socket = openSocketIo(url, { cookie, origin: ORIGIN }, 'polling');
    socket.io.reconnection(true);
    socket.io.reconnectionDelay(20);
    await event(socket, 'connect_error');
    recover();
    await event(socket, 'connect');
  });

  it('refuses who leaves and joins again after a logout, on the same connection', async () => {
    const { url, store, cookie, io } = await start('socket-io', NEVER);
    const socket = openSocketIo(url, { cookie, origin: ORIGIN });
    await event(socket, 'connect');
    await leave(socket, io);
    store.deleteByCustomer('ann');
    socket.io.engine.write(JOIN);
    expect(await event(socket, 'connect_error')).toMatchObject({ message: 'no session' });
  });

  it('closes at a flood of joins, of which at most a hundred wait for the store', async () => {
    const { url, store, cookie, io } = await start('socket-io', NEVER);
    const socket = openSocketIo(url, { cookie, origin: ORIGIN });
    await event(socket, 'connect');
    const peek = vi.spyOn(store, 'peek').mockImplementation(() => new Promise(() => {}) as never);
    await leave(socket, io);
    for (let i = 0; i < 1000; i++) socket.io.engine.write(JOIN);
    expect(await event(socket, 'disconnect')).toMatch(/^transport /);
    expect(peek.mock.calls.length).toBeLessThanOrEqual(100);
  });

  it('lets a connection join once, however many joins it sends at once', async () => {
    const { url, store, cookie, io } = await start('socket-io', NEVER);
    const socket = openSocketIo(url, { cookie, origin: ORIGIN });
    await event(socket, 'connect');
    const [packets, joins] = [vi.fn(), vi.fn()];
    for (const { conn } of io.sockets.sockets.values()) conn.on('packet', packets);
    await leave(socket, io);
    io.on('connection', joins);
    packets.mockClear();
    const { respond } = slowStore(store);
    for (let i = 0; i < 40; i++) socket.io.engine.write(JOIN);
    await expect.poll(() => packets.mock.calls.length).toBe(40);
    respond();
    await event(socket, 'connect_error');
    expect(joins).toHaveBeenCalledTimes(1);
  });

  it('closes the connection of a client that does not read', async () => {
    const { url, cookie, io } = await start('socket-io', NEVER);
    const socket = openSocketIo(url, { cookie, origin: ORIGIN });
    await event(socket, 'connect');
    const { ws } = socket.io.engine.transport as unknown as { ws: WebSocket };
    ws.pause();
    onTestFinished(() => ws.terminate());
    const [conn] = [...io.sockets.sockets.values()].map((each) => each.conn);
    for (let times = 0; times < 600 && conn?.readyState === 'open'; times++) {
      socket.emit('echo', 'x'.repeat(60_000), () => {});
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    expect(conn?.readyState).not.toBe('open'); // then ws ends it, after half a minute without a response
  });

  it.each(['websocket', 'polling'])(
    'closes the connection of a client that joins what is not there, by %s',
    async (transport) => {
      const { url, cookie, io } = await start('socket-io', NEVER);
      const socket = openSocketIo(url, { cookie, origin: ORIGIN }, transport);
      await event(socket, 'connect');
      const [conn] = [...io.sockets.sockets.values()].map((each) => each.conn);
      const query = new URLSearchParams({ EIO: '4', transport: 'polling', sid: socket.io.engine.id });
      if (transport === 'websocket') {
        const { ws } = socket.io.engine.transport as unknown as { ws: WebSocket };
        ws.pause();
        onTestFinished(() => ws.terminate());
        for (let times = 0; times < 400 && conn?.readyState === 'open'; times++) {
          for (let i = 0; i < 1000; i++) socket.io.engine.write('0/nothing,');
          await new Promise((resolve) => setTimeout(resolve, 2));
        }
      } else {
        const body = Array(5000).fill('40/nothing,').join('\x1e');
        await fetch(`${url}/socket.io/?${query}`, {
          method: 'POST',
          body,
          headers: { cookie, origin: ORIGIN },
        });
      }
      await expect.poll(() => conn?.readyState).not.toBe('open');
    },
  );

  it('says to who joins while the store is unavailable that they may try again', async () => {
    const { url, store, cookie, io } = await start('socket-io', NEVER);
    const socket = openSocketIo(url, { cookie, origin: ORIGIN });
    await event(socket, 'connect');
    await leave(socket, io);
    failingStore(store);
    socket.io.engine.write(JOIN);
    expect(await event(socket, 'connect_error')).toMatchObject({ message: 'try again' });
  });

  it('refuses a WebSocket without an Origin', async () => {
    const { url, cookie } = await start('socket-io');
    await event(openSocketIo(url, { cookie }), 'connect_error');
    await event(openSocketIo(url, { cookie }, 'polling'), 'connect');
  });

  it('replies to no event after a logout', async () => {
    const { url, store, cookie } = await start('socket-io', NEVER);
    const socket = openSocketIo(url, { cookie, origin: ORIGIN });
    await event(socket, 'connect');
    store.deleteByCustomer('ann');
    const reply = vi.fn();
    socket.emit('echo', 'hello', reply);
    expect(await event(socket, 'disconnect')).toBe('io server disconnect');
    expect(reply).not.toHaveBeenCalled();
  });

  it.each([
    ['another site', { origin: 'https://evil.example' }],
    ['no session', { cookie: '' }],
    ['a forged cookie', { cookie: 'connect.sid=s%3Aa.b' }],
    ['an ID in another place', { cookie: '', gkc_sessionId: 'known' }],
  ])('refuses %s, by both transports', async (_name, headers) => {
    const { url, store, cookie } = await start('socket-io');
    store.create('known', {});
    for (const transport of ['websocket', 'polling'])
      await event(openSocketIo(url, { cookie, origin: ORIGIN, ...headers }, transport), 'connect_error');
  });

  it('survives a long event, odd arguments and a dropped connection', async () => {
    const { url, cookie } = await start('socket-io');
    const long = openSocketIo(url, { cookie, origin: ORIGIN });
    await event(long, 'connect');
    long.emit('echo', 'x'.repeat(1_100_000));
    await event(long, 'disconnect');
    const odd = openSocketIo(url, { cookie, origin: ORIGIN });
    await event(odd, 'connect');
    odd.emit('echo');
    const reply = vi.fn();
    for (const text of [null, 1, [], { toString: null }]) odd.emit('echo', text, reply);
    odd.emit('echo', 'hello', 'no function');
    odd.emit('constructor', {}, () => {});
    expect(await odd.emitWithAck('echo', 'hello')).toBe('hello');
    expect(reply).not.toHaveBeenCalled();
    odd.io.engine.close();
    const again = openSocketIo(url, { cookie, origin: ORIGIN });
    await event(again, 'connect');
    expect(await again.emitWithAck('echo', 'hello')).toBe('hello');
  });
});

describe('ws and socket.io', () => {
  it.each([
    ['ws', 'socket-io'],
    ['socket-io', 'ws'],
  ])('share a server and a store, %s first', async (first, second) => {
    const errors = watchUncaught();
    const { url, server, loaded, cookie } = await start(first, NEVER);
    runBlock(PAGE, second, { modules: { 'node:http': { createServer: () => server } } }, loaded);
    const socketIo = openSocketIo(url, { cookie, origin: ORIGIN });
    await Promise.race([event(socketIo, 'connect'), event(socketIo, 'connect_error')]);
    expect(errors).toEqual([]);
    expect(await socketIo.emitWithAck('echo', 'hello')).toBe('hello');
    const ws = await connectWs(url, cookie);
    ws.send('hello');
    expect(String((await once(ws, 'message'))[0])).toBe('got hello');
    expect(errors).toEqual([]);
  });
});

describe.each([
  ['ws', '/chat'],
  ['socket-io', '/socket.io/?EIO=4&transport=websocket'],
])('the handshake of %s', (name, path) => {
  it('survives a visitor who resets the connection while the store is slow', async () => {
    const errors = watchUncaught();
    const { port, server, store, cookie } = await start(name);
    const { reading, respond } = slowStore(store);
    const closed = new Promise((resolve) =>
      server.once('upgrade', (_req, socket) => socket.once('close', resolve)),
    );
    const socket = upgrade(port, path, { Cookie: cookie, Origin: ORIGIN });
    await reading;
    socket.resetAndDestroy();
    await closed;
    respond();
    await expectNoConnections(server);
    expect(errors).toEqual([]);
  });

  it('keeps no connection that it refuses', async () => {
    const { port, server } = await start(name);
    const socket = upgrade(port, path, { Origin: 'https://evil.example' });
    await once(socket.resume(), 'end');
    await expectNoConnections(server);
  });
});

describe.each(['ws', 'socket-io'])('%s: requests with Upgrade: h2c', (name) => {
  const [, createServer = ''] =
    /`(createServer\(\{ shouldUpgradeCallback: [^`]+)`/.exec(readPage(PAGE).replace(/\n/g, ' ')) ?? [];
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const hasOption = major > 24 || (major === 24 && minor >= 9) || (major === 22 && minor >= 21);

  /** What the server sends to such a request. */
  async function send(options: RunOptions): Promise<string> {
    const { port } = await start(name, options);
    const socket = upgrade(port, '/who', { Connection: 'Upgrade, HTTP2-Settings, close', Upgrade: 'h2c' });
    let received = '';
    for await (const chunk of socket) received += chunk;
    return received;
  }

  it('get no response without the option', async () => {
    expect(await send(NEVER)).toBe('');
  });

  it.runIf(hasOption)('get one with it', async () => {
    expect(await send({ replace: { 'createServer(app)': createServer } })).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
  });

  it.runIf(hasOption)('and WebSockets work with it', async () => {
    const { url, cookie } = await start(name, { replace: { 'createServer(app)': createServer } });
    if (name === 'ws') await connectWs(url, cookie);
    else await event(openSocketIo(url, { cookie, origin: ORIGIN }), 'connect');
  });

  it.skipIf(hasOption)('get none with it on this Node, which ignores the option', async () => {
    expect(await send({ replace: { 'createServer(app)': createServer } })).toBe('');
  });
});

describe('Server-Sent Events', () => {
  /** Reads a stream until a text has come. */
  async function readUntil(response: Response, text: string): Promise<string> {
    let received = '';
    for await (const chunk of response.body ?? []) {
      received += Buffer.from(chunk).toString();
      if (received.includes(text)) return received;
    }
    throw new Error(`the stream ended: ${received}`);
  }

  it('do not follow a HEAD request', async () => {
    const { url, cookie } = await start('events');
    const signal = AbortSignal.timeout(5000);
    expect((await fetch(`${url}/events`, { method: 'HEAD', headers: { cookie }, signal })).status).toBe(200);
  });

  it('go to visitors with a session, and count as no activity, even when EventSource reconnects', async () => {
    const { url, store, cookie } = await start('events');
    const read = vi.spyOn(store, 'get');
    for (const _reconnect of [1, 2]) {
      const response = await fetch(`${url}/events`, { headers: { cookie } });
      expect(response.headers.get('content-type')).toBe('text/event-stream');
      await readUntil(response, 'data: {"customerId":"ann"}\n\n');
    }
    expect(read).not.toHaveBeenCalled();
    expect((await get(`${url}/events`)).status).toBe(400);
  });

  it('go through compression at once', async () => {
    const { app, cookie } = await start('events');
    const { url } = await listen(express().use(compression(), app));
    const signal = AbortSignal.timeout(5000);
    const headers = { cookie, 'Accept-Encoding': 'gzip' };
    await readUntil(await fetch(`${url}/events`, { headers, signal }), 'data: {"customerId":"ann"}\n\n');
  });

  it('end after a logout elsewhere', async () => {
    const { url, store, cookie } = await start('events');
    const response = await fetch(`${url}/events`, { headers: { cookie } });
    store.deleteByCustomer('ann');
    expect(await response.text()).toMatch(/event: session-ended\ndata:\n\n$/);
  });

  it('stop when the connection is dropped, also those that waited for the first', async () => {
    const { port, store, cookie } = await start('events');
    const peek = vi.spyOn(store, 'peek');
    const socket = connect(port, '127.0.0.1').on('error', () => {});
    socket.write(`GET /events HTTP/1.1\r\nHost: a\r\nCookie: ${cookie}\r\n\r\n`.repeat(20));
    await expect.poll(() => peek.mock.calls.length).toBeGreaterThan(40);
    socket.destroy();
    await expect
      .poll(async () => {
        const before = peek.mock.calls.length;
        await new Promise((resolve) => setTimeout(resolve, 100));
        return peek.mock.calls.length - before;
      })
      .toBe(0);
  });

  it('end once, however many checks are under way', async () => {
    const errors = watchUncaught();
    const { url, store, cookie } = await start('events');
    const response = await fetch(`${url}/events`, { headers: { cookie } });
    const { reading, respond } = slowStore(store);
    await reading;
    await new Promise((resolve) => setTimeout(resolve, 100)); // five more checks
    store.deleteByCustomer('ann');
    respond();
    expect((await response.text()).match(/session-ended/g)).toHaveLength(1);
    await new Promise(setImmediate);
    expect(errors).toEqual([]);
  });

  it('go on after the store was unavailable', async () => {
    const { url, store, cookie } = await start('events');
    const response = await fetch(`${url}/events`, { headers: { cookie } });
    const { failed, recover } = failingStore(store);
    await expect.poll(failed).toEqual({ peek: true });
    recover();
    await readUntil(response, 'data: {"customerId":"ann"}\n\n');
  });

  it('start nothing for a visitor who leaves while the store is slow', async () => {
    const { url, server, store, cookie } = await start('events', NEVER);
    const { reading, respond } = slowStore(store);
    const timers = vi.spyOn(globalThis, 'setInterval');
    onTestFinished(() => timers.mockRestore());
    const left = new Promise((resolve) => server.once('request', (_req, res) => res.once('close', resolve)));
    const request = httpGet(`${url}/events`, { headers: { cookie } }).on('error', () => {});
    await reading;
    request.destroy();
    await left;
    respond();
    expect((await get(`${url}/who`, cookie)).body).toEqual({ customerId: 'ann' });
    expect(timers).not.toHaveBeenCalledWith(expect.anything(), 10_000);
  });

  it.each([
    ['another site', 'https://evil.example', 403],
    ['no site, as browsers do for a same-origin GET', undefined, 200],
    ['our own', ORIGIN, 200],
  ])('are asked for by %s', async (_name, origin, status) => {
    const { url, cookie } = await start('events', NEVER);
    const response = await fetch(`${url}/events`, { headers: { cookie, ...(origin && { origin }) } });
    await response.body?.cancel();
    expect(response.status).toBe(status);
  });

  it('stop when the connection is dropped', async () => {
    const { url, server, cookie } = await start('events');
    const request = httpGet(`${url}/events`, { headers: { cookie } });
    const [response] = await once(request, 'response');
    await once(response, 'data');
    request.destroy();
    await expectNoConnections(server);
    expect((await get(`${url}/who`, cookie)).body).toEqual({ customerId: 'ann' });
  });
});

/** The cookies of a browser after a response. */
function jar(cookie: string, setCookie: readonly string[]): string {
  const pairs = [...cookie.split('; '), ...setCookie.map((header) => header.split(';')[0] as string)];
  return [...new Map(pairs.map((pair) => [pair.split('=')[0], pair])).values()].join('; ');
}

const only = (name: string, cookie: string) =>
  cookie.split('; ').find((pair) => pair.startsWith(`${name}=`)) as string;

describe('next to express-session', () => {
  /** Starts the sample with a store that the test can break, and a route that fills the cart. */
  async function startNext() {
    const store = createMemoryStore();
    const { url } = await startBlock(PAGE, 'next-to-express-session', {
      modules: { 'express-session-info': { ...library, createMemoryStore: () => store } },
      replace: {
        "app.get('/me'":
          "app.post('/cart', (req, res) => { req.session.cart = ['lamp']; res.json({}); });\napp.get('/me'",
      },
    });
    return {
      url,
      store,
      /** Log in and fill the cart, and return the cookies of the browser afterwards. */
      logIn: async (name: string, cookie = '') =>
        jar(cookie, (await post(`${url}/login`, { name, password: 'right' }, cookie)).setCookie),
      fillCart: async (cookie = '') => jar(cookie, (await post(`${url}/cart`, undefined, cookie)).setCookie),
      me: async (cookie: string) => (await get(`${url}/me`, cookie)).body,
    };
  }

  it('a login gives both sessions new IDs and keeps the cart, a logout ends both', async () => {
    const { url, me, fillCart } = await startNext();
    const anonymous = await fillCart();
    const { cookie, setCookie } = await post(`${url}/login`, { name: 'ann', password: 'right' }, anonymous);
    expect(setCookie.map((header) => header.split('=')[0]).sort()).toEqual(['connect.sid', 'info.sid']);
    expect(cookie).not.toContain(only('connect.sid', anonymous));
    expect(await me(cookie)).toEqual({ customerId: 'ann', cart: ['lamp'] });
    expect(await me(anonymous)).toEqual({ customerId: null, cart: [] });
    const loggedOut = await post(`${url}/logout`, undefined, cookie);
    expect(loggedOut.body).toEqual({ loggedOut: true });
    for (const header of loggedOut.setCookie)
      expect(header).toMatch(/^(connect|info)\.sid=;.*Expires=Thu, 01 Jan 1970/);
    expect(await me(cookie)).toEqual({ customerId: null, cart: [] });
  });

  it('a login never gets the cart of another customer', async () => {
    const { logIn, fillCart, me } = await startNext();
    const ann = await logIn('ann', await fillCart(await logIn('ann')));
    expect(await me(ann)).toEqual({ customerId: 'ann', cart: ['lamp'] });
    expect(await me(await logIn('bob', ann))).toEqual({ customerId: 'bob', cart: [] });
  });

  it('a login never gets a cart that another customer filled after the data of express-session had expired', async () => {
    const { logIn, fillCart, me } = await startNext();
    const ann = await fillCart(only('info.sid', await logIn('ann')));
    expect(await me(ann)).toEqual({ customerId: 'ann', cart: ['lamp'] });
    expect(await me(await logIn('bob', ann))).toEqual({ customerId: 'bob', cart: [] });
  });

  it("the data of a customer goes once this package's session has ended", async () => {
    const { logIn, fillCart, me, store } = await startNext();
    const ann = await fillCart(await logIn('ann'));
    await store.deleteByCustomer('ann');
    expect(await me(ann)).toEqual({ customerId: null, cart: [] });
    expect(await me(await logIn('ann', ann))).toEqual({ customerId: 'ann', cart: [] });
  });

  it('another login that fails changes nothing', async () => {
    const { logIn, fillCart, me, store } = await startNext();
    const ann = await fillCart(await logIn('ann'));
    const create = vi.spyOn(store, 'create').mockImplementation(down);
    const after = await logIn('bob', ann);
    create.mockRestore();
    expect(await me(after)).toEqual({ customerId: 'ann', cart: ['lamp'] });
    expect(await me(await logIn('bob', after))).toEqual({ customerId: 'bob', cart: [] });
  });

  it('an anonymous visitor keeps the cart at a login that fails', async () => {
    const { logIn, fillCart, me, store } = await startNext();
    const anonymous = await fillCart();
    const create = vi.spyOn(store, 'create').mockImplementation(down);
    const after = await logIn('ann', anonymous);
    create.mockRestore();
    expect(await me(after)).toEqual({ customerId: null, cart: ['lamp'] });
    expect(await me(await logIn('ann', after))).toEqual({ customerId: 'ann', cart: ['lamp'] });
  });
});

describe('Passport', () => {
  const ann = { username: 'ann', password: 'right' };

  it('without express-session, sets req.user from the session', async () => {
    const { url } = await startBlock(PAGE, 'passport');
    expect((await post(`${url}/login`, { ...ann, password: 'wrong' })).status).toBe(401);
    const { cookie, setCookie } = await post(`${url}/login`, ann);
    expect(setCookie).toHaveLength(1);
    expect((await get(`${url}/me`, cookie)).body).toEqual({ user: { id: 'ann' } });
    expect((await post(`${url}/logout`, undefined, cookie)).body).toEqual({ loggedOut: true });
    expect((await get(`${url}/me`, cookie)).body).toEqual({ user: null });
  });

  it('without express-session, takes numeric IDs', async () => {
    const { url } = await startBlock(PAGE, 'passport');
    passport.use(new Strategy((_username, _password, done) => done(null, { id: 42 })));
    const { cookie } = await post(`${url}/login`, ann);
    expect((await get(`${url}/me`, cookie)).body).toEqual({ user: { id: '42' } });
  });
});

describe('Passport with express-session', () => {
  /** Starts the sample with stores that the test can break, and a route that shows both sessions of a request. */
  async function startBoth(replace = {}) {
    const store = createMemoryStore();
    const data = new session.MemoryStore();
    const modules = {
      'express-session-info': { ...library, createMemoryStore: () => store },
      'express-session': (options: SessionOptions) => session({ ...options, store: data }),
    };
    const { url, exports } = await startBlock<{ app: Express }>(PAGE, 'passport-with-express-session', {
      modules,
      replace,
    });
    exports.app.post('/cart', ({ session }, res) =>
      res.json(Object.assign(session, { cart: ['lamp'] }).cart),
    );
    exports.app.get('/cart', ({ session }, res) => res.json(Object(session).cart ?? []));
    exports.app.get('/both', ({ user = null, sessionInfo }, res) =>
      res.json({ user, customerId: sessionInfo?.customerId ?? null }),
    );
    return {
      url,
      store,
      data,
      logIn: (username: string, cookie = '') => post(`${url}/login`, { username, password: 'right' }, cookie),
      both: async (cookie: string) => (await get(`${url}/both`, cookie)).body,
      me: async (cookie: string) => (await get(`${url}/me`, cookie)).status,
    };
  }

  it('logs in and out of both', async () => {
    const { url, logIn, both, me } = await startBoth();
    expect((await post(`${url}/login`, { username: 'ann', password: 'wrong' })).status).toBe(401);
    const { body, cookie, setCookie } = await logIn('ann');
    expect(body).toEqual({ id: 'ann' });
    expect(setCookie.map((header) => header.split('=')[0]).sort()).toEqual(['connect.sid', 'info.sid']);
    expect(await both(cookie)).toEqual({ user: { id: 'ann' }, customerId: 'ann' });
    expect(await me(cookie)).toBe(200);
    expect((await post(`${url}/logout`, undefined, cookie)).body).toEqual({ loggedOut: true });
    expect(await both(cookie)).toEqual({ user: null, customerId: null });
    expect(await me(cookie)).toBe(401);
  });

  it('takes numeric IDs', async () => {
    const { logIn, both, me } = await startBoth();
    passport.use(new Strategy((_username, _password, done) => done(null, { id: 42 })));
    const { cookie } = await logIn('ann');
    expect(await both(cookie)).toEqual({ user: { id: 42 }, customerId: '42' });
    expect(await me(cookie)).toBe(200);
  });

  it('another login changes both', async () => {
    const { logIn, both, store } = await startBoth();
    const ann = (await logIn('ann')).cookie;
    const bob = await logIn('bob', ann);
    expect(await both(jar(ann, bob.setCookie))).toEqual({ user: { id: 'bob' }, customerId: 'bob' });
    expect(store.listByCustomer('ann')).toEqual([]);
  });

  it('another login that fails to renew the session changes neither', async () => {
    const { logIn, both, me, store } = await startBoth();
    const ann = (await logIn('ann')).cookie;
    const create = vi.spyOn(store, 'create').mockImplementation(down);
    const bob = await logIn('bob', ann);
    expect(bob.status).toBe(503);
    create.mockRestore();
    const after = jar(ann, bob.setCookie);
    expect(await both(after)).toEqual({ user: { id: 'ann' }, customerId: 'ann' });
    expect(await me(after)).toBe(200);
  });

  it('another login whose old session may not have ended leaves no login', async () => {
    const { logIn, both, me, store } = await startBoth();
    const ann = (await logIn('ann')).cookie;
    const end = vi.spyOn(store, 'delete').mockImplementation(down);
    const bob = await logIn('bob', ann);
    expect(bob.status).toBe(503);
    end.mockRestore();
    const after = jar(ann, bob.setCookie);
    // The store could not end the new session either: the next request does.
    expect(await both(after)).toEqual({ user: null, customerId: null });
    expect(await me(after)).toBe(401);
  });

  it.each(['destroy', 'set'] as const)(
    'another login that fails in Passport, by %s, ends both',
    async (method) => {
      const { logIn, both, me, store, data } = await startBoth();
      const ann = (await logIn('ann')).cookie;
      const failing = vi.spyOn(data, method).mockImplementation((...args: unknown[]) => {
        (args.at(-1) as (error: Error) => void)(new Error('down'));
      });
      const bob = await logIn('bob', ann);
      expect(bob.status).toBe(500);
      failing.mockRestore();
      const after = jar(ann, bob.setCookie);
      expect(await both(after)).toEqual({ user: null, customerId: null });
      expect(await me(after)).toBe(401);
      for (const name of ['ann', 'bob']) expect(store.listByCustomer(name)).toEqual([]);
    },
  );

  it('a user and a customer without the other, or of two people, are no login', async () => {
    const { logIn, both, me } = await startBoth();
    const [ann, bob] = [(await logIn('ann')).cookie, (await logIn('bob')).cookie];
    const cookies = [
      only('connect.sid', ann),
      only('info.sid', ann),
      `${only('connect.sid', ann)}; ${only('info.sid', bob)}`,
    ];
    expect(await Promise.all(cookies.map(both))).toEqual([
      { user: null, customerId: null },
      { user: null, customerId: null },
      { user: null, customerId: null },
    ]);
    expect(await Promise.all(cookies.map(me))).toEqual([401, 401, 401]);
    expect(await Promise.all([ann, bob].map(me))).toEqual([401, 401]);
  });

  it('a logout everywhere is one of Passport too', async () => {
    const { logIn, me, store } = await startBoth();
    const devices = [(await logIn('ann')).cookie, (await logIn('ann')).cookie];
    await store.deleteByCustomer('ann');
    expect(await Promise.all(devices.map(me))).toEqual([401, 401]);
    expect(await me((await logIn('ann', devices[0])).cookie)).toBe(200);
  });

  it('logs out everywhere, on this device from both', async () => {
    const { url, logIn, me, both } = await startBoth();
    const [mine, other, bob] = [await logIn('ann'), await logIn('ann'), await logIn('bob')].map(
      ({ cookie }) => cookie,
    ) as [string, string, string];
    expect((await post(`${url}/log-out-everywhere`, undefined, mine)).body).toEqual({ loggedOut: true });
    expect(await Promise.all([mine, other, bob].map(me))).toEqual([401, 401, 200]);
    expect(await both(other)).toEqual({ user: null, customerId: null });
    expect((await post(`${url}/log-out-everywhere`, undefined, mine)).status).toBe(401);
  });

  const OBJECT = {
    'done(null, (user as User).id)': 'done(null, { id: (user as User).id })',
    "(id: User['id'], done)": '({ id }: User, done)',
  };

  it.each([
    ['an ID', {}],
    ['an object', OBJECT],
  ])(
    'keeps the data of a visitor and of the same user, never of another; Passport stores %s',
    async (_, replace) => {
      Object.assign(passport, { _serializers: [], _deserializers: [] });
      onTestFinished(() => void Object.assign(passport, { _serializers: [], _deserializers: [] }));
      const { url, logIn, both, me, store } = await startBoth(replace);
      const cart = async (cookie: string) => (await get(`${url}/cart`, cookie)).body;
      const anonymous = (await post(`${url}/cart`)).cookie;
      const ann = jar(anonymous, (await logIn('ann', anonymous)).setCookie);
      expect(await cart(ann)).toEqual(['lamp']);
      const again = jar(ann, (await logIn('ann', ann)).setCookie);
      expect(await cart(again)).toEqual(['lamp']);
      expect(await cart(jar(again, (await logIn('bob', again)).setCookie))).toEqual([]);

      const other = (await logIn('ann')).cookie;
      await post(`${url}/cart`, undefined, other);
      await store.deleteByCustomer('ann');
      expect(await cart(other)).toEqual([]);
      expect([await both(other), await me(other)]).toEqual([{ user: null, customerId: null }, 401]);
    },
  );

  it('what a strategy adds to a user is not sent', async () => {
    const { logIn } = await startBoth();
    passport.use(
      new Strategy((_username, _password, done) => done(null, { id: 1, hash: 'secret', points: 5n })),
    );
    expect((await logIn('ann')).body).toEqual({ id: 1 });
  });

  it('under one cookie name, the user is lost', async () => {
    const { logIn, both } = await startBoth({ ", name: 'info.sid'": '' });
    expect(await both((await logIn('ann')).cookie)).not.toEqual({ user: { id: 'ann' }, customerId: 'ann' });
  });

  it('with successRedirect, no session is renewed', async () => {
    const { url } = await startBoth({ '{ session: false }': "{ successRedirect: '/me' }" });
    const body = JSON.stringify({ username: 'ann', password: 'right' });
    const headers = { 'Content-Type': 'application/json' };
    const response = await fetch(`${url}/login`, { method: 'POST', headers, body, redirect: 'manual' });
    expect(response.status).toBe(302);
    expect(response.headers.getSetCookie().join()).toMatch(/^connect\.sid=[^,]*(?!info\.sid)/);
    expect(response.headers.getSetCookie().join()).not.toContain('info.sid');
  });
});

describe('NestJS', () => {
  const KEY = 'a key of this test';
  const LOUD = 'create(AppModule)';
  const QUIET = { [LOUD]: 'create(AppModule, { logger: false })' };
  const NO_FILTER = {
    '  app.useGlobalFilters(new SessionErrorFilter(app.getHttpAdapter())); // optional, see below\n': '',
  };

  interface Sample {
    AppModule: new () => object;
    addSessions(app: INestApplication, store: Store, secret?: string, key?: string): INestApplication;
    createApp(store: Store, secret?: string, key?: string): Promise<INestApplication>;
  }

  async function listenNest(app: INestApplication) {
    onTestFinished(() => app.close());
    await app.listen(0, '127.0.0.1');
    const url = (await app.getUrl()).replace('[::1]', '127.0.0.1');
    const logIn = async () => (await post(`${url}/login`, { name: 'ann', password: 'right' })).cookie;
    return { app, url, logIn };
  }

  async function startNest(options: RunOptions = {}) {
    const store = createMemoryStore();
    const { createApp } = runBlock<Sample>(PAGE, 'nest', {
      ...options,
      replace: { ...QUIET, ...options.replace },
    });
    return { store, ...(await listenNest(await createApp(store, secret, KEY))) };
  }

  /** What the app logs as errors. */
  function errorsOf(app: INestApplication) {
    const error = vi.fn();
    app.useLogger({ log() {}, warn() {}, error });
    onTestFinished(() => app.useLogger(false));
    return error;
  }

  it('logs in and out, and guards a route', async () => {
    const { url, logIn, store } = await startNest();
    expect((await post(`${url}/login`, { name: 'ann', password: 'wrong' })).status).toBe(401);
    const cookie = await logIn();
    expect((await get(`${url}/me`, cookie)).body).toEqual({ customerId: 'ann' });
    expect((await post(`${url}/logout`, undefined, cookie)).body).toEqual({ ended: true });
    expect(await get(`${url}/me`, cookie)).toEqual({
      status: 404,
      body: { error: { code: 'session_not_found', message: 'Session not found' } },
    });
    const { status, body } = await get(`${url}/me`);
    expect([status, body]).toMatchObject([400, { error: { code: 'invalid_session_id' } }]);
    await store.create('anonymous', {});
    expect((await get(`${url}/me`, signedCookie('anonymous'))).status).toBe(401);
  });

  it('logs nobody in for another site, whose form it would parse', async () => {
    const { url } = await startNest();
    const logIn = (site: string) =>
      fetch(`${url}/login`, {
        method: 'POST',
        headers: { 'sec-fetch-site': site },
        body: new URLSearchParams({ name: 'mallory', password: 'right' }),
      });
    const [own, other] = [await logIn('same-origin'), await logIn('cross-site')];
    expect([own.status, other.status]).toEqual([200, 403]);
    expect(other.headers.getSetCookie()).toEqual([]);
  });

  it('lets only services call the routes', async () => {
    const { url, store, logIn } = await startNest();
    const cookie = await logIn();
    const sessionId = (await store.listByCustomer('ann'))[0]?.sessionId;
    const read = (headers: Record<string, string>) => fetch(`${url}/api/sessions/${sessionId}`, { headers });
    for (const authorization of ['', 'Bearer', 'Bearer ', 'Bearer undefined', 'Bearer wrong', KEY])
      expect((await read({ authorization, cookie })).status).toBe(403);
    const found = await read({ authorization: `Bearer ${KEY}` });
    expect(await found.json()).toMatchObject({ customerId: 'ann' });
  });

  const tooLong = { name: 'x'.repeat(300), password: 'right' };

  it('responds to errors of the package in its form, and does not log them', async () => {
    const { app, url, store, logIn } = await startNest();
    const errors = errorsOf(app);
    const message = 'customerId must be at most 256 UTF-16 units long';
    const { status, body } = await post(`${url}/login`, tooLong);
    expect([status, body]).toEqual([400, { error: { code: 'invalid_field', message } }]);
    const cookie = await logIn();
    for (const method of ['get', 'create'] as const) {
      const failing = vi.spyOn(store, method).mockImplementation(down);
      const response = await fetch(`${url}/${method === 'get' ? 'me' : 'login'}`, {
        method: method === 'get' ? 'GET' : 'POST',
        headers: { cookie: method === 'get' ? cookie : '', 'Content-Type': 'application/json' },
        body: method === 'get' ? null : JSON.stringify({ name: 'ann', password: 'right' }),
      });
      expect(response.status).toBe(503);
      expect(response.headers.get('retry-after')).toMatch(/^\d+$/);
      expect(await response.json()).toMatchObject({ error: { code: 'store_unavailable' } });
      failing.mockRestore();
    }
    expect(errors).not.toHaveBeenCalled();
  });

  it('without the filter, keeps the status only, and logs an error', async () => {
    const { app, url } = await startNest({ replace: NO_FILTER });
    const errors = errorsOf(app);
    const { status, body } = await post(`${url}/login`, tooLong);
    expect(status).toBe(400);
    expect(body).toEqual({ statusCode: 400, message: 'customerId must be at most 256 UTF-16 units long' });
    expect(errors).toHaveBeenCalledTimes(1);
  });

  it('leaves other errors to NestJS', async () => {
    const checkPassword = () => Promise.reject(new Error('a fault of the app'));
    const { app, url } = await startNest({ modules: { './check-password.js': { checkPassword } } });
    const errors = errorsOf(app);
    expect((await get(`${url}/nowhere`)).status).toBe(404);
    expect((await post(`${url}/login`, {})).body).toEqual({
      statusCode: 500,
      message: 'Internal server error',
    });
    expect(errors).toHaveBeenCalledTimes(1);
  });

  it('mounted after app.init(), responds 500', async () => {
    const { AppModule, addSessions } = runBlock<Sample>(PAGE, 'nest');
    const app = await NestFactory.create(AppModule, { logger: false });
    await app.init();
    const { url } = await listenNest(addSessions(app, createMemoryStore(), secret, KEY));
    expect((await post(`${url}/login`, { name: 'ann', password: 'right' })).status).toBe(500);
  });

  it('keeps visitors apart', async () => {
    const { url, logIn } = await startNest();
    await attackVisitors({ url, who: '/me', logIn, paths: ['/login', '/logout', '/me'] });
  });

  it.each(['SESSION_SECRET', 'SERVICE_KEY'])('does not start without %s', async (name) => {
    vi.stubEnv('SERVICE_KEY', KEY);
    const { createApp } = runBlock<Sample>(PAGE, 'nest', { replace: QUIET });
    await (await createApp(createMemoryStore())).close();
    vi.stubEnv(name, '');
    await expect(createApp(createMemoryStore())).rejects.toThrow('Set SESSION_SECRET and SERVICE_KEY');
  });
});

describe('the samples for visitors', () => {
  it.each(['ws', 'socket-io', 'events'])('%s keeps visitors apart', async (name) => {
    const { url, logIn } = await start(name, NEVER);
    await attackVisitors({ url, who: '/who', logIn, paths: ['/events', '/socket.io/', '/'] });
  });

  const modules = { express: createRequire(import.meta.url)('express4') };
  it.each([
    ['next-to-express-session', 'info.sid', 'Express 5', {}],
    ['passport', 'connect.sid', 'Express 5', {}],
    ['passport', 'connect.sid', 'Express 4', { modules }],
    ['passport-with-express-session', 'info.sid', 'Express 5', {}],
    ['passport-with-express-session', 'info.sid', 'Express 4', { modules }],
  ])('%s (cookie %s) keeps visitors apart on %s', async (name, cookieName, _express, options) => {
    const { url } = await startBlock(PAGE, name, options);
    const body = { name: 'ann', username: 'ann', password: 'right' };
    const logIn = async () => (await post(`${url}/login`, body)).cookie;
    await attackVisitors({ url, who: '/me', logIn, cookieName, paths: ['/login', '/me', '/logout'] });
  });

  it.each(['ws', 'socket-io', 'events'])('%s does not start without an origin', (name) => {
    vi.stubEnv('ORIGIN', undefined);
    expect(() => runBlock(PAGE, name)).toThrow('Set ORIGIN');
  });

  it('do not start without a secret', () => {
    vi.stubEnv('SESSION_SECRET', '');
    const samples = blocksOf(PAGE).filter(({ text }) => /^const secret/m.test(text));
    expect(samples).toHaveLength(4);
    for (const name of ['ws', 'socket-io', 'events', ...samples.map(({ name }) => name)])
      expect(() => runBlock(PAGE, name), name).toThrow('Set SESSION_SECRET');
  });
});
