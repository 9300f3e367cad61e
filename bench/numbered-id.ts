import { createHash } from 'node:crypto';

/** A session ID that looks like a UUID and is the same for the same number, so that a load can name what a server made. */
export function numberedId(n: number): string {
  const hex = createHash('sha1').update(`${n}`).digest('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join(
    '-',
  );
}
