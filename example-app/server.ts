import { randomBytes } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createApp } from './app.js';
import { createMetrics } from './metrics.js';
import { openStore } from './store.js';
import { curlLines } from './try-it.js';

/** How long the service may take to stop; Docker kills after 10 s. */
const GRACE_MS = 5_000;

async function main(env: NodeJS.ProcessEnv): Promise<void> {
  const port = parsePort(env.PORT || '3000');
  const host = env.HOST || '127.0.0.1';
  const secret = env.SESSION_SECRET || randomBytes(32).toString('hex');
  const serviceKey = env.SERVICE_KEY || undefined;
  const { store, customers, name, close } = await openStore(env);
  const { registry } = createMetrics();
  const server = createServer(createApp({ store, customers, secret, serviceKey, registry }));
  await listen(server, port, host).catch(async (error) => {
    await close();
    throw error;
  });
  stopOnSignal(server, close);

  const url = urlOf(server);
  console.log(`Knowledge portal on ${url} (${name}; Ctrl+C stops it)`);
  console.log(
    'Open it in a browser: a visitor on the left, on the right what an agent sees of the same session.',
  );
  console.log('See also /reference.html (the API) and /metrics (for Prometheus).');
  if (!env.SESSION_SECRET) {
    console.log('SESSION_SECRET is not set: a random secret signs the cookies until this process ends.');
  }
  if (!serviceKey) {
    console.log(
      'SERVICE_KEY is not set: the desk is open by design. Anyone who can reach this port may call /sessions, /desk and /metrics.',
    );
  }
  console.log('\nTry it in another terminal:\n');
  for (const line of curlLines(url, serviceKey !== undefined)) console.log(`  ${line}`);
}

/** 0 stands for any free port. */
function parsePort(text: string): number {
  if (/^\d{1,5}$/.test(text) && Number(text) <= 65_535) return Number(text);
  throw new Error(`PORT must be a whole number from 0 to 65535, not "${text}". Try: PORT=3001 npm start`);
}

function listen(server: Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(listenError(error, port, host)));
    server.listen(port, host, resolve);
  });
}

function listenError(error: NodeJS.ErrnoException, port: number, host: string): Error {
  if (error.code === 'EADDRINUSE')
    return new Error(
      `Port ${port} is in use. Stop the program that uses it, or try: PORT=${port + 1} npm start`,
    );
  if (error.code === 'EACCES')
    return new Error(`Port ${port} needs more rights than this process has. Try: PORT=3000 npm start`);
  return new Error(`Cannot listen on ${host}, port ${port}: ${error.message}`);
}

function urlOf(server: Server): string {
  const { address, family, port } = server.address() as AddressInfo;
  return `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`;
}

/**
 * Lets requests under way end, then closes the store. A client that is slow and a database that is silent end with the process. A second
 * signal ends it at once, as it does by default.
 */
function stopOnSignal(server: Server, close: () => Promise<void>): void {
  const stop = () => {
    process.off('SIGINT', stop).off('SIGTERM', stop);
    setTimeout(() => process.exit(), GRACE_MS).unref();
    // `close` ends the connections that are idle now; this ends the others once they have been answered.
    server.keepAliveTimeout = 1;
    server.close(() => void close().then(() => console.log('Stopped.')));
  };
  process.on('SIGINT', stop).on('SIGTERM', stop);
}

try {
  await main(process.env);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
