import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { findBinary } from './find-binary.js';

/** The user that a program runs as. */
export interface User {
  readonly uid: number;
  readonly gid: number;
}

export interface ServerProcess {
  readonly process: ChildProcess;
  /** Ends the server, with SIGKILL when it is not gone in time. */
  stop(): Promise<void>;
}

/** A server that can be started again, on its port and its files, when it has ended or is to end first. */
export interface RestartableServer extends ServerProcess {
  /** `settings` are arguments for this time, after those of the first. */
  startAgain(settings?: string[]): Promise<void>;
}

/** How long a test should wait for its servers, in ms. One that is not ready in a third of it is started again. */
export const START_LIMIT = 60_000;

/** Starts a server and waits until `isReady` answers true. Rejects with what it printed when it ends before, or is late. */
export async function startServerProcess(
  program: string,
  args: string[],
  {
    cwd,
    isReady,
    user = {},
    stopSignal = 'SIGTERM',
  }: { cwd: string; isReady: () => Promise<boolean>; user?: Partial<User>; stopSignal?: NodeJS.Signals },
): Promise<ServerProcess> {
  const path = findBinary(program);
  if (path === undefined) throw new Error(`${program} is not on this machine`);
  const child = spawn(path, args, { cwd, stdio: ['ignore', 'pipe', 'pipe'], ...user });
  const output: Buffer[] = [];
  child.stdout.on('data', (chunk) => output.push(chunk));
  child.stderr.on('data', (chunk) => output.push(chunk));
  child.on('error', (error) => output.push(Buffer.from(error.message)));
  atExit.add(kill);

  function kill(): void {
    child.kill('SIGKILL');
  }

  async function stop(): Promise<void> {
    atExit.delete(kill);
    if (hasEnded(child)) return;
    const late = setTimeout(kill, 5000);
    child.kill(stopSignal);
    // A stopped process takes a signal only when it goes on.
    child.kill('SIGCONT');
    await once(child, 'exit');
    clearTimeout(late);
  }

  for (const deadline = Date.now() + START_LIMIT / 3; Date.now() < deadline; await sleep(25)) {
    if (hasEnded(child)) break;
    if (await isReady().catch(() => false)) return { process: child, stop };
  }
  await stop();
  throw new Error(`${program} did not start:\n${Buffer.concat(output)}`);
}

/** What `start` starts, as often as it is asked to. */
export async function startRestartable(
  start: (settings: string[]) => Promise<ServerProcess>,
): Promise<RestartableServer> {
  let running = await start([]);
  return {
    get process() {
      return running.process;
    },
    stop: () => running.stop(),
    async startAgain(settings = []) {
      await running.stop();
      running = await start(settings);
    },
  };
}

/** A new folder for a server's files, and how to remove it. It goes with this process at the latest. */
export function temporaryFolder(name: string, owner?: User): { path: string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), `${name}-`));
  if (owner) chownSync(path, owner.uid, owner.gid);
  function remove(): void {
    atExit.delete(remove);
    rmSync(path, { recursive: true, force: true });
  }
  atExit.add(remove);
  return { path, remove };
}

/** What `start` makes, tried again when it fails: its port may have been taken in between. */
export async function withRetries<Server>(start: () => Promise<Server>): Promise<Server> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await start();
    } catch (error) {
      if (attempt === 3) throw error;
    }
  }
}

/** What is still to be ended or removed when this process ends early. */
const atExit = new Set<() => void>();
process.on('exit', () => {
  for (const end of atExit) end();
});
// Vitest ends its workers by it, and without a listener there is no 'exit' then.
process.once('SIGTERM', () => process.exit(143));

function hasEnded({ exitCode, signalCode, pid }: ChildProcess): boolean {
  return exitCode !== null || signalCode !== null || pid === undefined;
}
