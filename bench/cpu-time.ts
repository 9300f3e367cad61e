import { readdirSync, readFileSync } from 'node:fs';

/** The CPU time of processes and all their threads until now, in µs (Linux: proc(5), `schedstat`). Those that ended have none. */
export function cpuTimeOf(pids: readonly number[]): number {
  return pids.flatMap(taskTimes).reduce((sum, time) => sum + time, 0);
}

function taskTimes(pid: number): number[] {
  try {
    return readdirSync(`/proc/${pid}/task`).map((task) => {
      const [nanoseconds] = readFileSync(`/proc/${pid}/task/${task}/schedstat`, 'utf8').split(' ');
      return Number(nanoseconds) / 1000;
    });
  } catch (error) {
    if (['ENOENT', 'ESRCH'].includes((error as NodeJS.ErrnoException).code ?? '')) return [];
    throw error;
  }
}

/** The CPU time of the processes that a process started and that have ended since, in µs. */
export function cpuTimeOfEnded(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // After the name in brackets, which may hold spaces, cutime and cstime are fields 14 and 15.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[13]) + Number(fields[14])) * TICK;
}

/** In µs: proc(5) counts in clock ticks, of which Linux shows 100 a second to programs. */
const TICK = 10_000;
