import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

export interface MeasuredServer {
  readonly url: string;
  readonly pid: number;
  /** User and system time of all its threads, in µs. */
  cpuTime(): Promise<number>;
  stop(): Promise<void>;
}

/** The core of the servers under measurement, and that of the load; what else runs has both. */
export const SERVER_CORE = '0';
export const LOAD_CORE = '1';

interface StartOptions {
  /** The major of Node that runs it. Default: the Node of this process. */
  readonly node?: string | undefined;
  readonly flags?: readonly string[];
}

/** Starts a subject in a process of its own, in production mode, on its own core. */
export async function startSubject(
  subject: string,
  args: string[] = [],
  { node, flags = [] }: StartOptions = {},
): Promise<MeasuredServer> {
  const script = fileURLToPath(new URL('server.ts', import.meta.url));
  const runtime = node === undefined ? [process.execPath] : runtimeOf(node);
  const child = spawn('taskset', ['-c', SERVER_CORE, ...runtime, ...flags, script, subject, ...args], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    env: { ...process.env, NODE_ENV: 'production', NODE_OPTIONS: '' },
  });
  const { port } = await message<{ port: number }>(child, START_LIMIT);
  return {
    url: `http://127.0.0.1:${port}`,
    pid: child.pid as number,
    async cpuTime() {
      child.send('cpu');
      return (await message<{ cpu: number }>(child, ANSWER_LIMIT)).cpu;
    },
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const exit = once(child, 'exit');
      child.disconnect();
      await exit;
    },
  };
}

/** Node before 24 doesn't read TypeScript itself. */
function runtimeOf(node: string): string[] {
  const path = execFileSync('npx', ['-y', `node@${node}`, '-p', 'process.execPath'], { encoding: 'utf8' });
  return [path.trim(), '--import', 'tsx'];
}

/** Puts processes that run already, and those that they start, on a core. */
export function pinTo(core: string, pids: readonly number[]): void {
  for (const pid of pids) execFileSync('taskset', ['-acp', core, `${pid}`], { stdio: 'ignore' });
}

const START_LIMIT = 60_000;
const ANSWER_LIMIT = 10_000;

async function message<Message>(child: ChildProcess, limit: number): Promise<Message> {
  const ended = new AbortController();
  const signal = AbortSignal.any([ended.signal, AbortSignal.timeout(limit)]);
  const abort = () => ended.abort(new Error(`the server ended: ${child.spawnargs.join(' ')}`));
  child.once('exit', abort);
  try {
    const [answer] = await once(child, 'message', { signal });
    return answer as Message;
  } finally {
    child.off('exit', abort);
  }
}
