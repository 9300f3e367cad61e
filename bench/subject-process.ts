// node subject-process.ts FILE EXPORT ROUTE [ARGUMENT]: a server and its clients in one process, connected in memory. It does what
// subject-handle.ts asks for.
import { once } from 'node:events';
import type { Server } from 'node:http';
import { type Profiler, Session } from 'node:inspector/promises';
import type { AddressInfo } from 'node:net';
import { connectInMemory } from './connection.ts';
import { exchange } from './exchange.ts';
import { CONNECTIONS, load } from './load.ts';
import { ROUTES, type RouteName } from './routes.ts';
import type { Subject } from './subject.ts';
import { numberedVisitors, openSessions } from './visitors.ts';

const [file, name = '', routeName = '', argument] = process.argv.slice(2);
const subjects = (await import(`./subjects/${file}.ts`)) as Record<string, Subject>;
const server = await (subjects[name] as Subject)(argument);
// A connection stays open while the other sides have their turn.
server.keepAliveTimeout = 600_000;
const route = ROUTES[routeName as RouteName];
const connections = Array.from({ length: CONNECTIONS }, () => connectInMemory(server));
const first = connections[0] as (typeof connections)[0];
const live = Number(argument);
const visitors = live > 0 ? numberedVisitors(live, 50_000) : await openSessions(first, 1000);
const requests = visitors.map(route.request);
const responseLength = await check();

process.on('message', async (message: Message) => {
  process.send?.(await obey(message));
});
process.on('disconnect', () => process.exit());
process.send?.({ visitors: visitors.slice(0, 1000), responseLength });

type Message = { run: number } | { profile: number } | 'check' | 'listen' | 'cpu';

async function obey(message: Message): Promise<number | Profiler.Profile> {
  if (message === 'check') return check();
  if (message === 'listen') return listen(server);
  if (message === 'cpu') return cpuTime();
  if ('profile' in message) return profile(message.profile);
  const before = cpuTime();
  await load(connections, requests, { count: message.run, responseLength });
  return cpuTime() - before;
}

/** Checks the responses to several visitors, and returns their common length. */
async function check(): Promise<number> {
  const lengths = new Set<number>();
  for (const visitor of visitors.slice(0, 5)) {
    const response = await exchange(first, route.request(visitor));
    route.check(response, visitor);
    lengths.add(response.length);
  }
  if (lengths.size !== 1) throw new Error(`responses of ${[...lengths].join(', ')} bytes`);
  return [...lengths][0] as number;
}

async function listen(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

async function profile(count: number): Promise<Profiler.Profile> {
  const session = new Session();
  session.connect();
  await session.post('Profiler.enable');
  await session.post('Profiler.setSamplingInterval', { interval: 100 });
  await session.post('Profiler.start');
  await load(connections, requests, { count, responseLength });
  const { profile } = await session.post('Profiler.stop');
  session.disconnect();
  return profile;
}

/** User and system time of all threads, in µs. */
function cpuTime(): number {
  const { user, system } = process.cpuUsage();
  return user + system;
}
