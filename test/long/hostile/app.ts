// An app under attack, in a process of its own: the routes in Express, with the settings of the test.
import http, { type ServerOptions } from 'node:http';
import type { AddressInfo } from 'node:net';
import express from 'express';
import {
  createMemoryStore,
  createSessionRouter,
  type SessionRouterOptions,
  type SessionStore,
} from '../../../src/index.js';

/** What the app reports of itself. */
export interface AppReport {
  /** Calls of `create` of its store. */
  readonly created: number;
  readonly connections: number;
  /** Of JavaScript, after a collection. */
  readonly heapBytes: number;
  /** The longest time since the last report between two turns of the event loop, in ms. */
  readonly longestBlock: number;
  readonly unhandled: readonly string[];
}

interface AppSettings {
  readonly server: ServerOptions;
  readonly max: number;
  /** Whether to time the turns of the event loop, which keeps the processor busy. */
  readonly timeTurns?: boolean;
}

const settings: AppSettings = JSON.parse(process.argv[2] ?? '');
const memory = createMemoryStore({ max: settings.max });
let created = 0;
const store: SessionStore = {
  ...memory,
  create(sessionId, associations) {
    created++;
    return memory.create(sessionId, associations);
  },
};
const options: SessionRouterOptions = {
  cookie: { secret: ['first', 'second', 'third'] },
  sources: ['header', 'cookie', 'query'],
  authorize: () => true,
  allowDelete: true,
};
const app = express();
app.use('/parsed', express.json(), createSessionRouter(store, options));
app.use(createSessionRouter(store, options));
app.use((_req, res) => void res.json({}));

const unhandled: string[] = [];
for (const event of ['uncaughtException', 'unhandledRejection'])
  process.on(event, (error) => void unhandled.push(String(error)));

let longestBlock = 0;
if (settings.timeTurns) {
  let last = performance.now();
  setImmediate(function turn() {
    const now = performance.now();
    longestBlock = Math.max(longestBlock, now - last);
    last = now;
    setImmediate(turn);
  });
}

const server = http.createServer(settings.server, app);
process.on('message', () => {
  server.getConnections((_error, connections) => {
    // A collection is not the work of a request.
    const block = longestBlock;
    if (!settings.timeTurns) globalThis.gc?.();
    const heapBytes = process.memoryUsage().heapUsed;
    const report: AppReport = { created, connections, heapBytes, longestBlock: block, unhandled };
    longestBlock = 0;
    process.send?.(report);
  });
});
process.on('disconnect', () => process.exit());
server.listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port));
