import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import type { ServerOptions } from 'node:http';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import type { AppReport } from './app.js';

export interface AppProcess {
  readonly port: number;
  report(): Promise<AppReport>;
}

/** Starts test/long/hostile/app.ts until the test ends. */
export async function startApp(
  server: ServerOptions,
  options: { max?: number; timeTurns?: boolean } = {},
): Promise<AppProcess> {
  const child = startProcess('app.ts', { server, max: 100_000, ...options });
  const [port] = await once(child, 'message', { signal: AbortSignal.timeout(20_000) });
  return {
    port,
    async report() {
      child.send({});
      const [report] = await once(child, 'message', { signal: AbortSignal.timeout(20_000) });
      return report;
    },
  };
}

/** Starts a file of this folder with an argument as JSON, until the test ends. */
export function startProcess(file: string, argument: object): ChildProcess {
  const child = fork(fileURLToPath(new URL(file, import.meta.url)), [JSON.stringify(argument)], {
    execArgv: ['--expose-gc', '--import', 'tsx'],
    env: { PATH: process.env.PATH, NODE_ENV: 'production' },
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  return child;
}
