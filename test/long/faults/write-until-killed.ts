import { randomInt } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { type App, type AppProcess, startApps } from './app-process.js';
import { createLedger, type Ledger } from './ledger.js';
import { countLost, REQUESTS } from './load.js';
import { STORE_TIMEOUT } from './long.js';
import type { StoreSetting } from './stores-by-name.js';

/** What a store's app had acknowledged before its kills, and what of it was not there afterwards. */
export interface Survival {
  readonly store: string;
  readonly acknowledged: number;
  readonly lost: number;
  /** How many writes the kills cut off. */
  readonly cutOff: number;
}

/** So often kills the process of the apps, one on each store, in the midst of writes; then looks for what was acknowledged. */
export async function writeUntilKilled(stores: readonly StoreSetting[], kills: number): Promise<Survival[]> {
  const settings = stores.map((setting) => ({ ...setting, rate: 0, storeTimeout: STORE_TIMEOUT }));
  const books = stores.map(() => ({ ledger: createLedger(), cutOff: 0 }));
  for (let kill = 0; kill < kills; kill++) await killOnce(await startApps(settings), books);
  const after = await startApps(settings);
  try {
    return await Promise.all(
      books.map(async ({ ledger, cutOff }, i) => ({
        store: stores[i]?.store ?? '',
        acknowledged: ledger.entries.length,
        lost: await countLost(after.apps[i]?.url ?? '', ledger),
        cutOff,
      })),
    );
  } finally {
    await after.kill();
  }
}

interface Book {
  readonly ledger: Ledger;
  cutOff: number;
}

/** How many writes wait for their answer in an app at a time. */
const WRITERS = 4;

/** How many sessions each app makes before it may be killed, since the first take longer; and how long that may take, in ms. */
const WARM = 10;
const WARM_LIMIT = 20_000;

async function killOnce(process: AppProcess, books: readonly Book[]): Promise<void> {
  const writers = process.apps.flatMap((app, i) =>
    Array.from({ length: WRITERS }, () => write(app, books[i] as Book)),
  );
  try {
    const before = books.map(({ ledger }) => ledger.entries.length);
    const end = Date.now() + WARM_LIMIT;
    while (books.some(({ ledger }, i) => ledger.entries.length < (before[i] ?? 0) + WARM)) {
      if (Date.now() > end) throw new Error('an app does not answer');
      await sleep(5);
    }
    await sleep(randomInt(0, 200));
  } finally {
    await process.kill();
  }
  await Promise.all(writers);
}

/** Writes until there is no answer. */
async function write({ url }: App, book: Book): Promise<void> {
  for (let turn = 0; ; turn++) {
    const send = [REQUESTS.put, REQUESTS.update, REQUESTS.post][turn % 3] ?? REQUESTS.put;
    const { status } = await send(url, book.ledger);
    if (status === 0 || status === 'hung') {
      book.cutOff++;
      return;
    }
  }
}
