import { readdirSync, readFileSync } from 'node:fs';

/** The CPU time of processes and all their threads until now, in µs (Linux: proc(5), `schedstat`). */
export function cpuTimeOf(pids: readonly number[]): number {
  return pids
    .flatMap((pid) => readdirSync(`/proc/${pid}/task`).map((task) => taskTime(pid, task)))
    .reduce(sum, 0);
}

function taskTime(pid: number, task: string): number {
  const [nanoseconds] = readFileSync(`/proc/${pid}/task/${task}/schedstat`, 'utf8').split(' ');
  return Number(nanoseconds) / 1000;
}

function sum(a: number, b: number): number {
  return a + b;
}
