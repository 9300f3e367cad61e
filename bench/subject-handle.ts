import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Profiler } from 'node:inspector';
import { fileURLToPath } from 'node:url';
import type { RouteName, Visitor } from './routes.ts';

/** A server in a process of its own. CPU times are user and system time of all its threads, in µs. */
export interface SubjectHandle {
  readonly visitors: readonly Visitor[];
  /** The length of each response, which was checked. */
  readonly responseLength: number;
  /** Sends so many requests in memory and returns the CPU time. */
  run(count: number): Promise<number>;
  /** Sends so many requests in memory under V8's profiler. */
  profile(count: number): Promise<Profiler.Profile>;
  /** Rejects unless the responses are still what they must be. */
  check(): Promise<void>;
  /** Returns the port on which it listens from now on. */
  listen(): Promise<number>;
  cpuTime(): Promise<number>;
  stop(): Promise<void>;
}

export interface SubjectOptions {
  /** `FILE.EXPORT` below subjects/. */
  readonly subject: string;
  readonly route: RouteName;
  readonly argument?: string | undefined;
  /** The major of Node that runs it. Default: the Node of this process. */
  readonly node?: string | undefined;
  readonly flags?: readonly string[];
  /** Linux: the only core that it may use. Default: all. */
  readonly core?: string | undefined;
}

export async function startSubject(options: SubjectOptions): Promise<SubjectHandle> {
  const { subject, route, argument, node, flags = [], core } = options;
  const script = fileURLToPath(new URL('subject-process.ts', import.meta.url));
  const [program = '', ...args] = [
    ...(core === undefined ? [] : ['taskset', '-c', core]),
    ...(node === undefined ? [process.execPath] : runtimeOf(node)),
    ...flags,
    script,
    ...subject.split('.'),
    route,
    ...(argument === undefined ? [] : [argument]),
  ];
  const child = spawn(program, args, {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    env: { ...process.env, NODE_ENV: 'production', NODE_OPTIONS: '', NODE_NO_WARNINGS: '1' },
  });
  const ready = await message<Pick<SubjectHandle, 'visitors' | 'responseLength'>>(child);
  const ask = <Answer = number>(question: object | string) => {
    child.send(question);
    return message<Answer>(child);
  };
  return {
    ...ready,
    run: (count) => ask({ run: count }),
    profile: (count) => ask<Profiler.Profile>({ profile: count }),
    check: async () => void (await ask('check')),
    listen: () => ask('listen'),
    cpuTime: () => ask('cpu'),
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const exit = once(child, 'exit');
      child.disconnect();
      await exit;
    },
  };
}

/** Node before 24 does not read TypeScript itself. */
function runtimeOf(node: string): string[] {
  const path = execFileSync('npx', ['-y', `node@${node}`, '-p', 'process.execPath'], { encoding: 'utf8' });
  return [path.trim(), '--import', 'tsx'];
}

const LIMIT = 300_000;

async function message<Message>(child: ChildProcess): Promise<Message> {
  const ended = new AbortController();
  const abort = () => ended.abort(new Error(`the process ended: ${child.spawnargs.join(' ')}`));
  child.once('exit', abort);
  try {
    const signal = AbortSignal.any([ended.signal, AbortSignal.timeout(LIMIT)]);
    const [content] = await once(child, 'message', { signal });
    return content as Message;
  } finally {
    child.off('exit', abort);
  }
}
