import type { Results, Row, Section } from './results.ts';

/**
 * How many cores and how much memory 100 million sessions with 1 million requests a second need. Undefined while a suite that it is
 * computed from has not run.
 */
export function planFor(results: Results): Section | undefined {
  const { calls, customers, sockets, attach, redis, postgres } = results;
  if (!calls || !customers || !sockets || !attach || !redis || !postgres) return undefined;
  // Over sockets an app costs what it costs on the memory store, and what a database adds in memory.
  const onMemory = number(sockets.rows[0], 'cpu') - number(attach.rows[0], 'cpu');
  return {
    title: 'Plan for 100 million sessions and 1 million requests a second',
    rows: [
      engineRow('Redis', costOn('Redis', calls.rows)),
      engineRow('Redis, indexCustomers', withIndex(costOn('Redis', calls.rows), customers.rows)),
      // Its sessions are in the index of customers always.
      engineRow('PostgreSQL', costOn('PostgreSQL', calls.rows)),
      coresRow('the app, on Redis', onMemory + number(redis.rows[0], 'cpu')),
      coresRow('the app, on Postgres', onMemory + number(postgres.rows[0], 'cpu')),
    ],
    machine: calls.machine,
    versions: calls.versions,
  };
}

const REQUESTS_A_SECOND = 1_000_000;
const SESSIONS = 100_000_000;
/** One request in twenty is a POST; of the others half extend the session, which costs what an update costs. */
const POSTS = 0.05;
const WRITES = POSTS + (1 - POSTS) / 2;

/** What a request costs a database, in µs of its CPU, and a session in bytes. */
interface Cost {
  readonly cpu: number;
  readonly bytes: number;
}

function costOn(engine: string, calls: readonly Row[]): Cost {
  const of = (call: string) =>
    calls.find((row) => row.engine === engine && row.call === call && row.atOnce === 16);
  const cpu = (1 - WRITES) * number(of('get'), 'databaseCpu') + WRITES * number(of('update'), 'databaseCpu');
  return { cpu, bytes: number(of('get'), 'bytes') };
}

/** Every POST names its customer, and most customers have one session. */
function withIndex({ cpu, bytes }: Cost, customers: readonly Row[]): Cost {
  const of = (engine: string) => customers.find((row) => row.engine === engine);
  const [before, after] = [of('Redis'), of('Redis, indexCustomers')];
  return {
    cpu: cpu + POSTS * (number(after, 'updateCpu') - number(before, 'updateCpu')),
    bytes: bytes + number(after, 'indexBytesOfOne'),
  };
}

function engineRow(what: string, { cpu, bytes }: Cost): Row {
  return { ...coresRow(what, cpu), gigabytes: Math.round((SESSIONS * bytes) / 1e9) };
}

function coresRow(what: string, cpu: number): Row {
  const cores = (cpu * REQUESTS_A_SECOND) / 1e6;
  return { what, cpu: Number(cpu.toFixed(1)), cores: Math.ceil(cores), halfFull: Math.ceil(cores * 2) };
}

function number(row: Row | undefined, column: string): number {
  const value = row?.[column];
  if (typeof value !== 'number') throw new Error(`no figure ${column} in ${JSON.stringify(row)}`);
  return value;
}
