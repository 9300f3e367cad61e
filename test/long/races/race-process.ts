// One of the processes that race on one store: test/long/races/race-processes.ts starts it and says which store. It serves the
// routes over HTTP, and answers calls of the store that its parent sends.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createSessionRouter } from '../../../src/index.js';
import type { SessionStore } from '../../../src/session-store.js';
import { openStore } from './open-store.js';
import type { Asked } from './race-processes.js';

const store = await openStore(JSON.parse(process.argv[2] ?? ''));
// A long time limit: this is about what is answered, not about how soon on a busy machine.
const router = createSessionRouter(store, { storeTimeout: 20_000 });
const server = createServer((req, res) => router(req as never, res as never, () => void res.end()));

process.on('message', async ({ number, method, args }: Asked) => {
  try {
    const call = store[method] as (...args: unknown[]) => ReturnType<SessionStore['get']>;
    process.send?.({ number, answer: await call(...args) });
  } catch (error) {
    process.send?.({ number, error: String(error) });
  }
});
process.on('disconnect', () => process.exit());
server.listen(0, '127.0.0.1', () => process.send?.({ port: (server.address() as AddressInfo).port }));
