import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { onTestFinished } from 'vitest';

const ROOT = new URL('..', import.meta.url);
const TIME_LIMIT = 20_000;

interface Finished {
  readonly code: number | null;
  readonly output: string;
}

const NODE = [process.execPath, '--import', 'tsx', 'example-app/server.ts'] as const;
/** Without the build before it, which would take `dist/` from under the other tests. */
export const NPM_START = ['npm', 'start', '--ignore-scripts'] as const;

/** Starts the example as `npm start` does, on a free port unless `env` says otherwise. Ends with the test. */
export function spawnExampleApp(
  env: Record<string, string> = {},
  [command, ...args]: readonly [string, ...string[]] = NODE,
) {
  // A process group, so that nothing is left of it when npm ends without the server.
  const child = spawn(command, args, {
    cwd: ROOT,
    env: { PATH: process.env.PATH, PORT: '0', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  let output = '';
  const closed = once(child, 'close');
  const killer = setTimeout(killAll, TIME_LIMIT);
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  }
  onTestFinished(async () => {
    clearTimeout(killer);
    killAll();
    await closed;
  });
  function killAll() {
    try {
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
    } catch {
      // All of it has ended.
    }
  }
  return {
    child,
    finished: closed.then(([code]): Finished => ({ code, output })),
    output: () => output,
  };
}

/** The example once it listens: its address and all that it printed. */
export async function startExampleApp(
  env?: Record<string, string>,
  command?: readonly [string, ...string[]],
) {
  const app = spawnExampleApp(env, command);
  await new Promise<void>((resolve, reject) => {
    app.child.stdout.on('data', () => isReady(app.output()) && resolve());
    app.finished.then(() => reject(new Error(`the example did not start: ${app.output()}`)));
  });
  const url = /http:\/\/[\d.]+:\d+/.exec(app.output())?.[0] as string;
  return { ...app, url };
}

/** The last line is out, the one about the desk. */
function isReady(output: string): boolean {
  return /\/desk\/\$ID.*\n/.test(output);
}
