import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Section } from '../section.ts';
import { describeSetting } from '../setting.ts';

/** Fills each store in a process of its own. */
export async function runMemory(): Promise<Section> {
  const bytes: Record<string, number> = {};
  for (const { store } of STORES) {
    process.stdout.write(`  ${store} … `);
    bytes[store] = await bytesOf(store);
    console.log(`${bytes[store]} bytes a session`);
  }
  const ours = bytes.ours as number;
  return {
    title: 'Memory: bytes a session at 1 M sessions, in the heap and in buffers',
    columns: [
      'store',
      'members of a session',
      'bytes a session',
      'ours, for each of its bytes',
      'target',
      'reached',
    ],
    rows: STORES.map(({ store, label, members, isReached, target }) => {
      const own = bytes[store] as number;
      const ratio = store === 'ours' ? '–' : (ours / own).toFixed(2);
      return [
        label,
        members,
        `${own}`,
        ratio,
        target ?? '–',
        isReached ? verdict(isReached(ours, own)) : '–',
      ];
    }),
    setting: describeSetting(['lru-cache', 'express-session', 'memorystore']),
    measured: bytes,
  };
}

const COUNT = 1_000_000;
const LIMIT = 300_000;

interface MeasuredStore {
  /** As memory-process.ts calls it. */
  readonly store: string;
  readonly label: string;
  readonly members: string;
  readonly target?: string;
  readonly isReached?: (ours: number, own: number) => boolean;
}

const STORES: readonly MeasuredStore[] = [
  {
    store: 'ours',
    label: 'createMemoryStore',
    members: 'all seven',
    target: '≤ 430 bytes',
    isReached: (ours) => ours <= 430,
  },
  {
    store: 'MemoryStore-all',
    label: 'express-session, MemoryStore',
    members: 'the same seven, and its cookie',
    target: '≤ 0.75',
    isReached: (ours, own) => ours / own <= 0.75,
  },
  {
    store: 'MemoryStore-four',
    label: 'express-session, MemoryStore',
    members: 'ID and the four values, and its cookie',
  },
  { store: 'memorystore', label: 'memorystore', members: 'ID and the four values, and its cookie' },
];

async function bytesOf(store: string): Promise<number> {
  const script = fileURLToPath(new URL('../memory-process.ts', import.meta.url));
  const args = ['--expose-gc', '--max-old-space-size=8192', script, store, `${COUNT}`];
  const env = { ...process.env, NODE_ENV: 'production', NODE_OPTIONS: '' };
  const { stdout } = await promisify(execFile)(process.execPath, args, { timeout: LIMIT, env });
  return Number(stdout);
}

function verdict(isReached: boolean): string {
  return isReached ? 'yes' : '**no**';
}
