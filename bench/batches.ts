import type { Cost } from './compare.ts';
import { type Connection, connectSocket } from './connection.ts';
import type { Database } from './databases.ts';
import { CONNECTIONS, load } from './load.ts';
import { ROUTES, type RouteName } from './routes.ts';
import type { SubjectHandle } from './subject-handle.ts';

/** Returns what runs so many requests on a side and tells what one of them took. */
export async function batches(
  handle: SubjectHandle,
  route: RouteName,
  database: Database | undefined,
  overSockets: boolean,
): Promise<(count: number) => Promise<Cost>> {
  const run = overSockets ? await socketRun(handle, route) : handle.run;
  return async (count) => {
    const before = database?.cpuTime() ?? 0;
    const start = performance.now();
    const cpu = await run(count);
    const elapsed = (performance.now() - start) * 1000;
    const databaseCpu = (database?.cpuTime() ?? 0) - before;
    return { cpu: cpu / count, databaseCpu: databaseCpu / count, elapsed: elapsed / count };
  };
}

/** Loads the server from this process, which never sleeps meanwhile: a `write` of the server then has nobody to wake. */
async function socketRun(handle: SubjectHandle, route: RouteName): Promise<SubjectHandle['run']> {
  const port = await handle.listen();
  const connections: Connection[] = Array.from({ length: CONNECTIONS }, () => connectSocket(port));
  const requests = handle.visitors.map(ROUTES[route].request);
  const { responseLength } = handle;
  return async (count) => {
    const before = await handle.cpuTime();
    let isRunning = true;
    const spin = () => {
      if (isRunning) setImmediate(spin);
    };
    spin();
    try {
      await load(connections, requests, { count, responseLength });
    } finally {
      isRunning = false;
    }
    return (await handle.cpuTime()) - before;
  };
}
