import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';

/**
 * A TCP port of the loopback interface that is free now; with `andAlso`, the port so far above it is free too. Somebody else
 * may take it before it is used, so whoever starts a server on it tries again with another.
 */
export async function freePort({ andAlso }: { andAlso?: number } = {}): Promise<number> {
  for (;;) {
    const port = await bind(0);
    if (port === undefined) continue;
    if (andAlso === undefined || (port + andAlso < 65_536 && (await bind(port + andAlso)) !== undefined))
      return port;
  }
}

async function bind(port: number): Promise<number | undefined> {
  const server = createServer().listen(port, '127.0.0.1');
  try {
    await once(server, 'listening');
  } catch {
    return undefined;
  }
  const { port: bound } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return bound;
}
