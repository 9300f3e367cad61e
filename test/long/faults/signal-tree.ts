import { execFileSync } from 'node:child_process';

/** Signals a process and its children: a PostgreSQL server is many processes. Itself first, so that it starts no more. */
export function signalTree(pid: number | undefined, signal: NodeJS.Signals): void {
  if (pid === undefined) throw new Error('the process did not start');
  send(pid, signal);
  const children = childrenOf(pid);
  for (const child of children) send(child, signal);
  for (const id of [pid, ...children]) {
    if (signal === 'SIGSTOP') stopped.add(id);
    else stopped.delete(id);
  }
}

/** A stopped process does not end with its parent, nor by SIGTERM. */
const stopped = new Set<number>();
process.on('exit', () => {
  for (const id of stopped) send(id, 'SIGKILL');
});

export function childrenOf(pid: number): number[] {
  const processes = execFileSync('ps', ['-A', '-o', 'pid=,ppid='], { encoding: 'utf8' });
  return processes.split('\n').flatMap((line) => {
    const [id, parent] = line.trim().split(/\s+/).map(Number);
    return id !== undefined && parent === pid ? [id] : [];
  });
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It has ended by itself.
  }
}
