import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { SessionStore } from '../../../src/session-store.js';
import type { StoreAddress } from './open-store.js';

/** A process with the routes on a store, and that store. */
export interface RaceProcess {
  readonly url: string;
  /** Calls the store of the process. */
  readonly store: SessionStore;
  stop(): Promise<void>;
}

/** A call of a store, as it is sent to another process. */
export interface Asked {
  readonly number: number;
  readonly method: keyof SessionStore;
  readonly args: unknown[];
}

/** Starts so many processes on one store. */
export async function startRaceProcesses(count: number, address: StoreAddress): Promise<RaceProcess[]> {
  const started = await Promise.allSettled(Array.from({ length: count }, () => start(address)));
  const processes = started.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
  const failed = started.find((one) => one.status === 'rejected');
  if (!failed) return processes;
  await Promise.all(processes.map((one) => one.stop()));
  throw failed.reason;
}

const START_TIME = 40_000;
const SCRIPT = fileURLToPath(new URL('race-process.ts', import.meta.url));

async function start(address: StoreAddress): Promise<RaceProcess> {
  const child = fork(SCRIPT, [JSON.stringify(address)], {
    execArgv: ['--import', 'tsx'],
    env: { PATH: process.env.PATH },
  });
  // It also ends by itself when this process is gone.
  const exited = once(child, 'exit');
  async function stop(): Promise<void> {
    child.kill('SIGKILL');
    await exited;
  }
  try {
    const [{ port }] = await Promise.race([
      once(child, 'message', { signal: AbortSignal.timeout(START_TIME) }),
      exited.then(() => Promise.reject(new Error('a process of the race ended before it listened'))),
    ]);
    return { url: `http://127.0.0.1:${port}`, store: remoteStore(child), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function remoteStore(child: ChildProcess): SessionStore {
  const pending = new Map<number, (message: { answer?: unknown; error?: string }) => void>();
  child.on('message', (message: { number: number; answer?: unknown; error?: string }) => {
    pending.get(message.number)?.(message);
    pending.delete(message.number);
  });
  let calls = 0;
  function ask(method: keyof SessionStore) {
    // biome-ignore lint/suspicious/noExplicitAny: what the method of that name answers
    return (...args: unknown[]): Promise<any> => {
      const asked: Asked = { number: calls++, method, args };
      return new Promise((resolve, reject) => {
        pending.set(asked.number, ({ answer, error }) =>
          error === undefined ? resolve(answer) : reject(new Error(error)),
        );
        child.send(asked);
      });
    };
  }
  return {
    create: ask('create'),
    get: ask('get'),
    peek: ask('peek'),
    update: ask('update'),
    delete: ask('delete'),
  };
}
