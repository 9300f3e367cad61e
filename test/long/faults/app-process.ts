import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Stall } from './stalls.js';
import type { StoreSetting } from './stores-by-name.js';

export interface AppSetting extends StoreSetting {
  readonly storeTimeout: number;
  /** How many requests a second it gets. */
  readonly rate: number;
}

/** What an app tells of itself. */
export interface AppReport {
  /** How often its store threw what, since the last report. */
  readonly errors: Readonly<Record<string, number>>;
  /** The unhandled rejections and uncaught exceptions of its process. */
  readonly unhandled: readonly string[];
  readonly stalls: readonly Stall[];
}

/** What the parent sends: do this to the client of that app, or else report. */
export interface Order {
  readonly id: number;
  readonly app: number;
  readonly disturb?: string;
}

export interface App {
  readonly setting: AppSetting;
  readonly url: string;
  report(): Promise<AppReport>;
  /** For a fault that lies in the app, see `OpenStore`. */
  disturb(what: string): Promise<void>;
}

export interface AppProcess {
  readonly apps: readonly App[];
  readonly process: ChildProcess;
  /** kill -9, and waits until it is gone. */
  kill(): Promise<void>;
}

/** Starts a process with an app for each setting. Rejects when it ends before all of them listen. */
export async function startApps(settings: readonly AppSetting[]): Promise<AppProcess> {
  const script = fileURLToPath(new URL('faulty-host.ts', import.meta.url));
  const env = { ...process.env, APPS: JSON.stringify(settings), NODE_OPTIONS: '' };
  const child = fork(script, { execArgv: ['--import', 'tsx'], env });
  const ended = once(child, 'exit');
  // An order that meets the end of the process is answered by that.
  child.on('error', () => {});
  const [first] = await Promise.race([once(child, 'message'), ended]);
  if (first?.ports === undefined) throw new Error('the app process did not start');

  const waiting = new Map<number, (answer: AppReport | 'done') => void>();
  child.on('message', ({ id, answer }: { id: number; answer: AppReport | 'done' }) =>
    waiting.get(id)?.(answer),
  );
  let orders = 0;
  async function order(app: number, disturb?: string): Promise<AppReport | 'done'> {
    const id = orders++;
    const answered = new Promise<AppReport | 'done'>((resolve) => waiting.set(id, resolve));
    child.send({ id, app, ...(disturb !== undefined && { disturb }) } satisfies Order);
    const answer = await Promise.race([answered, ended]);
    waiting.delete(id);
    if (Array.isArray(answer)) throw new Error('the app process has ended');
    return answer;
  }

  return {
    process: child,
    apps: settings.map((setting, i) => ({
      setting,
      url: `http://127.0.0.1:${first.ports[i]}`,
      report: async () => (await order(i)) as AppReport,
      async disturb(what) {
        await order(i, what);
      },
    })),
    async kill() {
      child.kill('SIGKILL');
      await ended;
    },
  };
}
