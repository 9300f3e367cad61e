import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Registry } from 'prom-client';
import { onTestFinished } from 'vitest';
import { type AppOptions, createApp } from '../../example-app/app.js';

/** The address of an example in this process, on a free port. It ends with the test. */
export async function serveExample(
  options: Pick<AppOptions, 'store' | 'customers' | 'serviceKey'>,
): Promise<string> {
  const server = createServer(createApp({ secret: 'a secret', registry: new Registry(), ...options }));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(async () => {
    server.close().closeAllConnections();
    await once(server, 'close');
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
