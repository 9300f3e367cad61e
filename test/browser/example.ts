import { spawn } from 'node:child_process';
import { once } from 'node:events';

export interface RunningExample {
  readonly url: string;
  /** What it printed so far. */
  output(): string;
  stop(): Promise<void>;
}

/** How long a test should wait for the example and a browser, in ms. */
export const START_LIMIT = 60_000;

/** The example as `npm start` runs it, on a free port. It ends with this process at the latest. */
export async function startExample(env: Record<string, string> = {}): Promise<RunningExample> {
  const child = spawn(process.execPath, ['--import', 'tsx', 'example-app/server.ts'], {
    cwd: new URL('../..', import.meta.url),
    env: { PATH: process.env.PATH, PORT: '0', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const kill = () => child.kill('SIGKILL');
  const closed = once(child, 'close').finally(() => process.off('exit', kill));
  process.on('exit', kill);

  async function stop(): Promise<void> {
    kill();
    await closed;
  }

  let output = '';
  const late = setTimeout(kill, START_LIMIT / 2);
  try {
    return await new Promise((resolve, reject) => {
      for (const stream of [child.stdout, child.stderr]) {
        stream.setEncoding('utf8').on('data', (text: string) => {
          output += text;
          const url = /Knowledge portal on (http:\/\/[\d.]+:\d+) /.exec(output)?.[1];
          if (url) resolve({ url, output: () => output, stop });
        });
      }
      closed.then(() => reject(new Error(`the example did not start:\n${output}`)), reject);
    });
  } finally {
    clearTimeout(late);
  }
}

// Vitest ends its workers by it, and without a listener there is no 'exit' then.
process.once('SIGTERM', () => process.exit(143));
