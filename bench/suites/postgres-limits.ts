import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import pg from 'pg';
import { createPostgresStore, type PostgresStatement } from '../../dist/esm/stores/postgres.js';
import { findBinary } from '../../test/servers/find-binary.js';
import { cpuTimeOf, cpuTimeOfEnded } from '../cpu-time.ts';
import { startPostgresDatabase } from '../databases.ts';
import { LOAD_CORE, pinTo, SERVER_CORE } from '../server-process.ts';
import { ASSOCIATIONS } from '../visitors.ts';
import type { EngineLimits } from './limits.ts';

export const POSTGRES_LIMITS = 'pgbench, 8 clients, prepared statements';

const SESSIONS = 100_000;
const SECONDS = 8;

/** The statements of our store, by pgbench, on 100,000 live sessions. With fsync: what was answered is on disk. */
export async function postgresLimits(): Promise<EngineLimits> {
  const server = await startPostgresDatabase();
  const pool = new pg.Pool({ connectionString: server.url });
  try {
    await createSessions(pool);
    const { rows } = await pool.query(`SELECT pg_total_relation_size('session_info') AS size`);
    await pool.end();
    // Also the processes that it starts from now on.
    pinTo(SERVER_CORE, server.pids());
    const limits = [];
    for (const method of ['get', 'update'] as const) {
      process.stdout.write(`  PostgreSQL, ${method} … `);
      const before = await cpuTime(server.pids);
      const { count, perSecond } = await benchmark(server.url, scriptOf(await statementOf(method)));
      const cpu = ((await cpuTime(server.pids)) - before) / count;
      console.log(`${Math.round(perSecond)}/s, ${cpu.toFixed(1)} µs`);
      limits.push({ engine: 'PostgreSQL', method, perSecond, cpu });
    }
    return { version: server.version, limits, bytes: Math.round(Number(rows[0].size) / SESSIONS) };
  } finally {
    if (!pool.ended) await pool.end();
    await server.stop();
  }
}

async function createSessions(pool: pg.Pool): Promise<void> {
  const store = createPostgresStore((statement) => pool.query(statement));
  await store.migrate();
  for (let n = 1; n <= SESSIONS; n += 1000) {
    await Promise.all(Array.from({ length: 1000 }, (_, i) => store.create(`${n + i}`, ASSOCIATIONS)));
  }
}

/** The statement that our store sends for a method. */
async function statementOf(method: 'get' | 'update'): Promise<PostgresStatement> {
  const statements: PostgresStatement[] = [];
  const store = createPostgresStore(async (statement) => {
    statements.push(statement);
    return { rows: [] };
  });
  await store[method]('an ID', ASSOCIATIONS);
  return statements[0] as PostgresStatement;
}

/** The statement as pgbench takes it: the ID a random number, the values as variables, which it sends as parameters. */
function scriptOf({ text }: PostgresStatement): string {
  const values = Object.entries(ASSOCIATIONS).map((_, i) => `\\set p${i + 2} ${i + 2}`);
  return [`\\set p1 random(1, ${SESSIONS})`, ...values, `${text.replaceAll(/\$(\d)/g, ':p$1')};`, ''].join(
    '\n',
  );
}

/** The CPU time of the server in µs, when none serves a client: what those took that did is in it. */
async function cpuTime(pids: () => number[]): Promise<number> {
  const deadline = Date.now() + 10_000;
  while (pids().some(servesClient)) {
    if (Date.now() > deadline) throw new Error('PostgreSQL still serves a client');
    await sleep(20);
  }
  const all = pids();
  return cpuTimeOf(all) + cpuTimeOfEnded(all[0] as number);
}

/** By the title that PostgreSQL gives to its processes: of one that serves a client, it holds the client's address. */
function servesClient(pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('127.0.0.1(');
  } catch {
    return false;
  }
}

async function benchmark(url: string, script: string): Promise<{ count: number; perSecond: number }> {
  const folder = mkdtempSync(join(tmpdir(), 'pgbench-'));
  try {
    const file = join(folder, 'script.sql');
    writeFileSync(file, script);
    const options = ['-n', '-M', 'prepared', '-f', file, '-c', '8', '-T', `${SECONDS}`, url];
    const args = ['-c', LOAD_CORE, findBinary('pgbench') ?? 'pgbench', ...options];
    const { stdout } = await promisify(execFile)('taskset', args, { timeout: 120_000 });
    const perSecond = Number(/^tps = ([\d.]+)/m.exec(stdout)?.[1]);
    const count = Number(/actually processed: (\d+)/.exec(stdout)?.[1]);
    if (!(perSecond > 0) || !(count > 0) || !/failed transactions: 0 /.test(stdout)) throw new Error(stdout);
    return { count, perSecond };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
