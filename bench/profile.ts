import type { Profiler } from 'node:inspector';
import { type Database, startRedisDatabase } from './databases.ts';
import type { Measured, Row } from './results.ts';
import type { RouteName } from './routes.ts';
import { describeVersion } from './setting.ts';
import { rounded } from './statistics.ts';
import { startSubject } from './subject-handle.ts';

/** Where the CPU time of a request goes, by V8's sampling profiler: by whose code runs, and the functions that run longest. */
export async function profileRoutes(): Promise<Measured> {
  const rows: Row[] = [];
  for (const { request, subject, route, startDatabase } of PROFILED) {
    const database = await startDatabase?.();
    const handle = await startSubject({ subject, route, argument: database?.url, core: database?.core });
    try {
      await handle.run(20_000);
      const before = await handle.cpuTime();
      const profile = await handle.profile(REQUESTS);
      const cpu = ((await handle.cpuTime()) - before) / REQUESTS;
      rows.push(...rowsOf(request, profile, cpu));
    } finally {
      await handle.stop();
      await database?.stop();
    }
  }
  return {
    title: 'Where the CPU time of a request goes (self time, with the profiler on)',
    rows,
    versions: ['express', 'lru-cache', 'redis'].map(describeVersion),
  };
}

const REQUESTS = 100_000;
const LONGEST = 15;

interface Profiled {
  readonly request: string;
  readonly subject: string;
  readonly route: RouteName;
  readonly startDatabase?: () => Promise<Database>;
}

const PROFILED: readonly Profiled[] = [
  { request: 'attach by cookie', subject: 'ours.attach', route: 'articles' },
  {
    request: 'attach by cookie, on Redis',
    subject: 'ours.attachOnRedis',
    route: 'articles',
    startDatabase: startRedisDatabase,
  },
  { request: 'GET on node:http', subject: 'ours.onNode', route: 'get' },
  { request: 'POST with a body on node:http', subject: 'ours.onNode', route: 'postBody' },
  { request: 'POST with a body on Express', subject: 'ours.onExpress', route: 'postBody' },
];

function rowsOf(request: string, { nodes, samples = [], timeDeltas = [] }: Profiler.Profile, cpu: number) {
  const frames = new Map(nodes.map(({ id, callFrame }) => [id, callFrame]));
  const owners = new Map<string, number>();
  const functions = new Map<string, number>();
  let all = 0;
  for (const [i, id] of samples.entries()) {
    const { functionName, url, lineNumber } = frames.get(id) as Profiler.ProfileNode['callFrame'];
    if (functionName === '(idle)' || url === 'node:inspector') continue;
    const time = timeDeltas[i] ?? 0;
    const owner = ownerOf(url, functionName);
    const file = url.split('/').slice(-2).join('/');
    const name = `${functionName || '(anonymous)'}${url ? ` ${file}:${lineNumber + 1}` : ''}`;
    all += time;
    add(owners, owner, time);
    add(functions, `${owner}\n${name}`, time);
  }
  const row = (code: string, name: string, time: number): Row => ({
    request,
    code,
    function: name,
    'share, %': rounded((time / all) * 100, 1),
    'µs a request': rounded((time / all) * cpu, 2),
  });
  return [
    ...longest(owners).map(([owner, time]) => row(owner, 'all', time)),
    ...longest(functions)
      .slice(0, LONGEST)
      .map(([key, time]) => row(...(key.split('\n') as [string, string]), time)),
  ];
}

function ownerOf(url: string, functionName: string): string {
  if (functionName === '(garbage collector)') return 'garbage collector';
  const name = /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(url)?.[1];
  if (name !== undefined) return name;
  if (url.includes('/dist/')) return 'express-session-info';
  return url.includes('/bench/') ? 'load generator' : 'Node and V8';
}

function add(times: Map<string, number>, key: string, time: number): void {
  times.set(key, (times.get(key) ?? 0) + time);
}

function longest(times: ReadonlyMap<string, number>): [string, number][] {
  return [...times].sort(([, a], [, b]) => b - a);
}
