import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const LIMIT = 40_000;

/** A running sample. */
export interface SampleProcess {
  readonly url: string;
  /** The code with which it ended, or `undefined` while it runs. */
  exitCode(): number | null | undefined;
  /** What it has printed. */
  output(): string;
  kill(signal: NodeJS.Signals): void;
  /** Settles when it has ended. */
  readonly exited: Promise<void>;
}

export type SampleFiles = Readonly<Record<string, string>>;

/**
 * Runs a sample as a process of its own, with the built package: `main` of `files`, which listens on port 3000, here a free one. Without
 * an `env` it has no variables of ours. Ends with the test. Rejects with what it printed if it ends before it listens.
 */
export async function runSample(
  main: string,
  files: SampleFiles,
  env: Readonly<Record<string, string>> = {},
): Promise<SampleProcess> {
  const folder = await writeSample(files);
  const { PATH = '', HOME = '' } = process.env;
  const child = fork(join(folder, main), {
    execArgv: ['--import', 'tsx', '--import', `data:text/javascript,${encodeURIComponent(freePort)}`],
    env: { PATH, HOME, ...env },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  const killer = setTimeout(() => child.kill('SIGKILL'), LIMIT);
  const exited = once(child, 'exit').then(([code]) => {
    exitCode = code;
  });
  let exitCode: number | null | undefined;
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk) => (output += chunk));
  onTestFinished(async () => {
    clearTimeout(killer);
    child.kill('SIGKILL');
    await exited;
  });
  const listening = once(child, 'message').then(([port]) => port);
  const port = await Promise.race([
    listening,
    exited.then(() => {
      throw new Error(`the sample ended with ${exitCode} before it listened: ${output}`);
    }),
  ]);
  return {
    url: `http://127.0.0.1:${port}`,
    exitCode: () => exitCode,
    output: () => output,
    kill: (signal) => void child.kill(signal),
    exited,
  };
}

/** Writes files into a new folder inside the repository, where the package's own name resolves to what was built. Ends with the test. */
export async function writeSample(files: SampleFiles): Promise<string> {
  const folder = await mkdtemp(join(ROOT, '.sample-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), text);
  }
  return folder;
}

const freePort = `
  import { Server } from 'node:net';
  const { listen } = Server.prototype;
  Server.prototype.listen = function (port, ...rest) {
    if (port !== 3000) return listen.call(this, port, ...rest);
    this.once('listening', () => process.send(this.address().port));
    return listen.call(this, 0, '127.0.0.1', ...rest.filter((argument) => typeof argument === 'function'));
  };`;
