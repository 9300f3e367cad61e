import { execFileSync } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { createPostgresStore } from '../../../src/stores/postgres/postgres.js';
import type { PostgresServer } from '../../servers/postgres.js';
import type { Fault } from './run-fault.js';
import { childrenOf, signalTree } from './signal-tree.js';
import { mountSmallDisk, type SmallDisk } from './small-disk.js';

/** How the server of these faults is to be set up: what is answered is written, so not lost when its processes are killed. */
export const DURABLE = ['synchronous_commit=on'];

/** The faults of a PostgreSQL server. */
export function postgresFaults(at: { readonly server: PostgresServer }): Fault[] {
  const restart = () => at.server.startAgain();
  const signal = (name: NodeJS.Signals) => signalTree(at.server.process.pid, name);
  return [
    { name: 'kill -9', begin: () => signal('SIGKILL'), end: restart },
    { name: 'SIGSTOP', begin: () => signal('SIGSTOP'), end: () => signal('SIGCONT') },
    { name: 'restart', begin: () => void at.server.process.kill('SIGINT'), end: restart },
    whileLocked(at, {
      name: 'serialization failure, 40001',
      seen: /40001/,
      before: "ALTER DATABASE postgres SET default_transaction_isolation = 'serializable'",
      after: 'ALTER DATABASE postgres RESET default_transaction_isolation',
      conflict: async (client) => {
        await client.query('BEGIN ISOLATION LEVEL READ COMMITTED');
        await client.query('UPDATE session_info SET agent_id = agent_id');
        await sleep(30);
        await client.query('COMMIT');
      },
    }),
    whileLocked(at, {
      name: 'deadlock, 40P01',
      seen: /40P01/,
      before: `ALTER DATABASE postgres SET deadlock_timeout = '100ms';
        CREATE OR REPLACE FUNCTION take_lock() RETURNS trigger LANGUAGE plpgsql
          AS 'BEGIN PERFORM pg_advisory_xact_lock(1); RETURN NULL; END';
        CREATE TRIGGER takes_lock AFTER UPDATE ON session_info FOR EACH ROW EXECUTE FUNCTION take_lock()`,
      after: 'ALTER DATABASE postgres RESET deadlock_timeout; DROP TRIGGER takes_lock ON session_info',
      conflict: deadlock,
    }),
  ];
}

/** The app itself uses up a pool of one connection. */
export const poolHeld: Fault = {
  name: 'exhausted pool',
  begin: async (apps) => void (await Promise.all(apps.map((app) => app.disturb('hold')))),
  end: async (apps) => void (await Promise.all(apps.map((app) => app.disturb('release')))),
};

/** No room for the table to grow, nor in the pages that it has; the log of the server lies elsewhere. */
export function fullDisk(at: { readonly server: PostgresServer; readonly disk: SmallDisk }): Fault {
  return {
    name: 'full disk',
    async begin() {
      at.disk.fill();
      await fillPages(at.server);
    },
    end: () => at.disk.free(),
    seen: /53100/,
  };
}

/** No file may grow beyond the 16 MB that one of the log has at once, and that of the table is as large. */
export function quotaUsedUp(at: { readonly server: PostgresServer }): Fault {
  return {
    name: 'quota used up',
    async begin() {
      limitFiles(at.server, `${16 * 1024 * 1024}`);
      await fillPages(at.server);
    },
    end: () => limitFiles(at.server, 'unlimited'),
    seen: NO_ROOM,
  };
}

/** The soft limit of the server's processes, set as their user: root may lack the right. */
function limitFiles({ process: { pid = 0 } }: PostgresServer, bytes: string): void {
  const { uid, gid } = statSync(`/proc/${pid}`);
  for (const id of [pid, ...childrenOf(pid)]) {
    try {
      execFileSync('prlimit', ['--pid', `${id}`, `--fsize=${bytes}:`], { uid, gid, stdio: 'pipe' });
    } catch (error) {
      // Those that serve a connection come and go.
      if (existsSync(`/proc/${id}`)) throw error;
    }
  }
}

/** Puts rows into the table until it has no room: wide ones to be done soon, then such as the app's. */
async function fillPages(server: PostgresServer): Promise<void> {
  const client = await connect(server);
  const insert = `INSERT INTO session_info (session_id, agent_id, created_at, updated_at, expires_at)
    SELECT gen_random_uuid(), repeat('x', $1), now(), now(), now() FROM generate_series(1, $2)`;
  try {
    await untilFull(() => client.query(insert, [1900, 500]));
    await untilFull(() => client.query(insert, [1, 500]));
    await untilFull(() => client.query(insert, [1, 1]));
  } finally {
    await client.end();
  }
}

/** A full disk; a file that is as large as it may be, which PostgreSQL calls an internal error. */
const NO_ROOM = /53100|XX000/;

async function untilFull(insert: () => Promise<unknown>): Promise<void> {
  try {
    while (await insert());
  } catch (error) {
    if (!NO_ROOM.test(`${(error as { code?: string }).code}`)) throw error;
  }
}

/** Puts the table on a disk of its own. */
export async function moveToSmallDisk(server: PostgresServer): Promise<SmallDisk> {
  const { uid, gid } = statSync(`/proc/${server.process.pid}`);
  const disk = mountSmallDisk({ uid, gid });
  const client = await connect(server);
  await client.query(`CREATE TABLESPACE small LOCATION '${disk.path}'`);
  await client.query('ALTER TABLE session_info SET TABLESPACE small');
  await client.query('ALTER INDEX session_info_pkey SET TABLESPACE small');
  await client.end();
  return disk;
}

/** Makes the table. */
export async function migrate(url: string): Promise<void> {
  const pool = new pg.Pool({ connectionString: url });
  await createPostgresStore((statement) => pool.query(statement)).migrate();
  await pool.end();
}

/** Takes what the app's update waits for, then the row that it holds; the app is the first to look for a deadlock. */
async function deadlock(client: pg.Client): Promise<void> {
  await client.query("BEGIN; SET LOCAL deadlock_timeout = '10s'; SELECT pg_advisory_xact_lock(1)");
  try {
    for (const end = Date.now() + 300; Date.now() < end; await sleep(5)) {
      const { rows } = await client.query("SELECT FROM pg_locks WHERE locktype = 'advisory' AND NOT granted");
      if (rows.length > 0) break;
    }
    await client.query('SELECT FROM session_info FOR UPDATE');
  } finally {
    await client.query('ROLLBACK');
  }
}

interface Conflict extends Pick<Fault, 'name' | 'seen'> {
  /** SQL of a superuser. The app has new connections after it. */
  readonly before: string;
  readonly after: string;
  /** What another connection does all the time. */
  conflict(client: pg.Client): Promise<void>;
}

function whileLocked(at: { readonly server: PostgresServer }, of: Conflict): Fault {
  let stop = async () => {};
  return {
    name: of.name,
    ...(of.seen && { seen: of.seen }),
    async begin() {
      await tell(at.server, of.before);
      let running = true;
      const other = await connect(at.server);
      const done = (async () => {
        while (running) await of.conflict(other).catch(() => other.query('ROLLBACK'));
        await other.end();
      })();
      stop = async () => {
        running = false;
        await done;
        await tell(at.server, of.after);
      };
    },
    end: () => stop(),
  };
}

async function connect({ url }: PostgresServer): Promise<pg.Client> {
  const client = new pg.Client(url);
  client.on('error', () => {});
  await client.connect();
  return client;
}

/** Runs SQL, then ends the app's connections, whose settings are those of their beginning. */
async function tell(server: PostgresServer, sql: string): Promise<void> {
  const client = await connect(server);
  await client.query(sql);
  await client.query('SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()');
  await client.end();
}
