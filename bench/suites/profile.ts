import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Database } from '../comparison.ts';
import { startPostgresDatabase, startRedisDatabase } from '../databases.ts';
import { load, type MakeRequest } from '../load.ts';
import type { Section } from '../section.ts';
import { startSubject } from '../server-process.ts';
import { describeSetting } from '../setting.ts';
import { openSessions } from '../visitors.ts';
import { HOST_ROUTE } from './host-route.ts';
import { ROUTES } from './routes.ts';

interface Profiled {
  readonly measure: string;
  readonly subject: string;
  readonly request: MakeRequest;
  readonly startDatabase?: () => Promise<Database>;
}

const PROFILED: readonly Profiled[] = [
  { measure: 'GET, mounted in an app', subject: 'express-ours', request: ROUTES.get.request },
  { measure: 'GET, in front of the app', subject: 'router-before-express', request: ROUTES.get.request },
  {
    measure: 'POST with a body, mounted in an app',
    subject: 'express-ours',
    request: ROUTES.postBody.request,
  },
  { measure: 'a route with the session attached', subject: 'attach-ours', request: HOST_ROUTE.request },
  {
    measure: 'the same on Redis',
    subject: 'redis-ours',
    request: HOST_ROUTE.request,
    startDatabase: startRedisDatabase,
  },
  {
    measure: 'the same on Postgres',
    subject: 'postgres-ours',
    request: HOST_ROUTE.request,
    startDatabase: startPostgresDatabase,
  },
];

/** Whose code is on the stack's top, in the order of the table. */
const OWNERS = [
  'Node and V8',
  'garbage collector',
  'Express',
  'express-session-info',
  'lru-cache',
  'other packages',
];
type Owner = (typeof OWNERS)[number];

/** Where the CPU time of a request goes, by V8's sampling profiler. */
export async function runProfile(): Promise<Section> {
  const shares: { measure: string; of: ReadonlyMap<Owner, number> }[] = [];
  for (const profiled of PROFILED) {
    process.stdout.write(`  ${profiled.measure} … `);
    const of = sharesOf(await profile(profiled));
    console.log([...of].map(([owner, share]) => `${owner} ${percent(share)}`).join(', '));
    shares.push({ measure: profiled.measure, of });
  }
  return {
    title: 'Where the CPU time of a request goes, by whose code runs',
    columns: ['request', ...OWNERS],
    rows: shares.map(({ measure, of }) => [measure, ...OWNERS.map((owner) => percent(of.get(owner) ?? 0))]),
    setting: describeSetting(['express', 'lru-cache', 'redis', 'pg']),
    measured: shares.map(({ measure, of }) => ({ measure, ...Object.fromEntries(of) })),
  };
}

interface CpuProfile {
  readonly nodes: readonly { id: number; callFrame: { functionName: string; url: string } }[];
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
}

const SECONDS = 5;

async function profile({ subject, request, startDatabase }: Profiled): Promise<CpuProfile> {
  const folder = mkdtempSync(join(tmpdir(), 'profile-'));
  const database = await startDatabase?.();
  try {
    const flags = ['--cpu-prof', '--cpu-prof-interval=100', `--cpu-prof-dir=${folder}`];
    const server = await startSubject(subject, database ? [database.url] : [], { flags });
    try {
      await load(server.url, await openSessions(server.url, 1000), request, SECONDS);
    } finally {
      await server.stop();
    }
    return JSON.parse(readFileSync(join(folder, readdirSync(folder)[0] as string), 'utf8'));
  } finally {
    await database?.stop();
    rmSync(folder, { recursive: true });
  }
}

function sharesOf({ nodes, samples, timeDeltas }: CpuProfile): ReadonlyMap<Owner, number> {
  const owners = new Map(nodes.map(({ id, callFrame }) => [id, ownerOf(callFrame)]));
  const times = new Map<Owner, number>();
  for (const [i, id] of samples.entries()) {
    const owner = owners.get(id);
    if (owner !== undefined) times.set(owner, (times.get(owner) ?? 0) + (timeDeltas[i] ?? 0));
  }
  const total = [...times.values()].reduce((sum, time) => sum + time, 0);
  return new Map(OWNERS.map((owner) => [owner, (times.get(owner) ?? 0) / total]));
}

/** `undefined` for the time in which nothing ran. */
function ownerOf({ functionName, url }: { functionName: string; url: string }): Owner | undefined {
  if (functionName === '(idle)') return undefined;
  if (functionName === '(garbage collector)') return 'garbage collector';
  const name = /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(url)?.[1];
  if (name === 'lru-cache') return name;
  if (name !== undefined) return OF_EXPRESS.includes(name) ? 'Express' : 'other packages';
  return url.includes('/dist/') ? 'express-session-info' : 'Node and V8';
}

/** The packages that Express 5 answers a request with. */
const OF_EXPRESS = [
  ...['express', 'router', 'path-to-regexp', 'parseurl', 'finalhandler', 'body-parser', 'raw-body', 'etag'],
  ...[
    'fresh',
    'send',
    'vary',
    'type-is',
    'content-type',
    'mime-types',
    'accepts',
    'on-finished',
    'encodeurl',
  ],
];

function percent(share: number): string {
  return `${(share * 100).toFixed(0)} %`;
}
