import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Measured, Row } from './results.ts';
import { describeVersion } from './setting.ts';
import { rounded } from './statistics.ts';

/** Bytes of the heap and of buffers that a session takes, in each store filled in a process of its own. */
export async function measureMemory(): Promise<Measured> {
  const ours = await bytesOf('ours');
  const rows: Row[] = [{ side: 'createMemoryStore', members: 'all seven', bytes: ours }];
  for (const { store, side, members, target } of PEERS) {
    const bytes = await bytesOf(store);
    const ratio = ours / bytes;
    rows.push({
      side,
      members,
      bytes,
      'ours, for each of its bytes': rounded(ratio, 2),
      ...(target !== undefined && { target: `≤ ${target}`, reached: ratio <= target ? 'yes' : 'no' }),
    });
  }
  return {
    title: 'Memory, at 1,000,000 sessions',
    rows,
    versions: ['lru-cache', 'express-session', 'memorystore'].map(describeVersion),
  };
}

const COUNT = 1_000_000;
const LIMIT = 600_000;

const PEERS: readonly { store: string; side: string; members: string; target?: number }[] = [
  {
    store: 'MemoryStore-all',
    side: 'express-session, MemoryStore',
    members: 'the same seven, and its cookie',
    target: 0.75,
  },
  {
    store: 'MemoryStore-four',
    side: 'express-session, MemoryStore',
    members: 'ID and the four associations, and its cookie',
  },
  {
    store: 'memorystore',
    side: 'express-session, memorystore',
    members: 'ID and the four associations, and its cookie',
  },
];

async function bytesOf(store: string): Promise<number> {
  const script = fileURLToPath(new URL('memory-process.ts', import.meta.url));
  const args = ['--expose-gc', '--max-old-space-size=8192', script, store, `${COUNT}`];
  const env = { ...process.env, NODE_ENV: 'production', NODE_OPTIONS: '' };
  const { stdout } = await promisify(execFile)(process.execPath, args, { timeout: LIMIT, env });
  return Number(stdout);
}
