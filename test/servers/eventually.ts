import { setTimeout as sleep } from 'node:timers/promises';

const LIMIT = 20_000;

/** Waits for a condition of a server, one that can't be asked counting as false. Rejects when it does not come in 20 s. */
export async function eventually(otherwise: string, condition: () => Promise<boolean>): Promise<void> {
  for (const deadline = Date.now() + LIMIT; !(await condition().catch(() => false)); await sleep(50)) {
    if (Date.now() > deadline) throw new Error(otherwise);
  }
}
