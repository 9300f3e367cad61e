import { needs } from '../../servers/needs.js';
import { type PostgresServer, startPostgres } from '../../servers/postgres.js';
import { describeFaults, type Lane } from './describe-faults.js';
import {
  DURABLE,
  fullDisk,
  migrate,
  moveToSmallDisk,
  poolHeld,
  postgresFaults,
  quotaUsedUp,
} from './postgres-faults.js';
import { proxyFaults } from './proxy-faults.js';
import { signalTree } from './signal-tree.js';
import { canMount, type SmallDisk } from './small-disk.js';
import { startTcpProxy, type TcpProxy } from './tcp-proxy.js';

const on = (url: string, more = {}) => [{ store: 'PostgreSQL (pg)' as const, urls: [url], ...more }];

needs('postgres')('A store on PostgreSQL', () =>
  describeFaults([serverLane(), networkLane(), poolLane(), quotaLane(), diskLane()]),
);

function serverLane(): Lane {
  const at = {} as { server: PostgresServer };
  return {
    name: 'when the server fails',
    faults: postgresFaults(at),
    start: () => startOn(at),
    stop: () => stop(at),
    settings: () => on(at.server.url),
  };
}

function networkLane(): Lane {
  const at = {} as { server: PostgresServer; proxy: TcpProxy };
  return {
    name: 'when the network fails',
    faults: proxyFaults(at),
    async start() {
      await startOn(at);
      at.proxy = await startTcpProxy(at.server.port);
    },
    async stop() {
      await at.proxy?.stop();
      await stop(at);
    },
    settings: () => on(at.server.url.replace(`:${at.server.port}/`, `:${at.proxy.port}/`)),
  };
}

function poolLane(): Lane {
  const at = {} as { server: PostgresServer };
  return {
    name: 'when the app holds its only connection',
    faults: [poolHeld],
    start: () => startOn(at),
    stop: () => stop(at),
    settings: () => on(at.server.url, { pool: { max: 1 } }),
  };
}

/** The files may not grow, which takes no right to mount. */
function quotaLane(): Lane {
  const at = {} as { server: PostgresServer };
  return {
    name: 'when its quota is used up',
    faults: [quotaUsedUp(at)],
    start: () => startOn(at),
    stop: () => stop(at),
    settings: () => on(at.server.url),
  };
}

function diskLane(): Lane {
  const at = {} as { server: PostgresServer; disk: SmallDisk };
  return {
    name: 'when the disk is full',
    worthWith: ['right to mount', canMount()],
    faults: [fullDisk(at)],
    async start() {
      await startOn(at);
      at.disk = await moveToSmallDisk(at.server);
    },
    async stop() {
      await stop(at);
      at.disk?.remove();
    },
    settings: () => on(at.server.url),
  };
}

async function startOn(at: { server: PostgresServer }): Promise<void> {
  at.server = await startPostgres(DURABLE);
  await migrate(at.server.url);
}

async function stop({ server }: { server?: PostgresServer }): Promise<void> {
  if (!server) return;
  signalTree(server.process.pid, 'SIGCONT');
  await server.stop();
}
