// The process under measurement: node server.ts SUBJECT [ARGUMENT…]. Tells its port, then its CPU time whenever it is asked.
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import type { Subject } from './subject.ts';

const [name, ...args] = process.argv.slice(2);
const { default: createServer } = (await import(`./subjects/${name}.ts`)) as { default: Subject };
const server = await createServer(...args);
server.listen(0, '127.0.0.1');
await once(server, 'listening');

process.on('message', () => {
  const { user, system } = process.cpuUsage();
  process.send?.({ cpu: user + system });
});
process.on('disconnect', () => process.exit());
process.send?.({ port: (server.address() as AddressInfo).port });
