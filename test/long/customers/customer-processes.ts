import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { signalTree } from '../faults/signal-tree.js';
import type { ProcessSetting } from './calls.js';

/** A process with a load on a store. */
export interface CustomerProcess {
  /** Has it finish the calls that it is about, and end. */
  finish(): Promise<void>;
  kill(): Promise<void>;
  /** Stops it for so long, in the middle of whatever it does. */
  suspend(milliseconds: number): Promise<void>;
}

/** Starts a process whose load begins at once. */
export async function startCustomerProcess(setting: ProcessSetting): Promise<CustomerProcess> {
  const child = fork(SCRIPT, [JSON.stringify(setting)], {
    execArgv: ['--import', 'tsx'],
    env: { PATH: process.env.PATH },
  });
  const exited = once(child, 'exit');
  await said(child, 'ready', exited);
  return {
    async finish() {
      const done = said(child, 'done', exited);
      child.send('stop');
      await done;
      child.kill('SIGKILL');
      await exited;
    },
    async kill() {
      child.kill('SIGKILL');
      await exited;
    },
    async suspend(milliseconds) {
      signalTree(child.pid, 'SIGSTOP');
      await new Promise((resolve) => setTimeout(resolve, milliseconds));
      signalTree(child.pid, 'SIGCONT');
    },
  };
}

const SCRIPT = fileURLToPath(new URL('customer-process.ts', import.meta.url));
const LIMIT = 40_000;

async function said(child: ChildProcess, message: string, exited: Promise<unknown[]>): Promise<void> {
  const signal = AbortSignal.timeout(LIMIT);
  const heard = (async () => {
    for (;;) if ((await once(child, 'message', { signal }))[0] === message) return;
  })();
  await Promise.race([
    heard,
    exited.then(() => Promise.reject(new Error(`a process ended before it was ${message}`))),
  ]);
}
