import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';

describe('createMemoryStore', () => {
  it('keeps of a long URL no more than the ID that was cut out of it', async () => {
    const program = `
      import { createMemoryStore } from './src/stores/memory.ts';
      const store = createMemoryStore({ max: 1000 });
      const before = (gc(), process.memoryUsage().heapUsed);
      for (let i = 0; i < 1000; i++) {
        const url = '/sessions/a-session-id-of-a-client-' + i + '?p=' + 'x'.repeat(12_000);
        store.create(decodeURIComponent(/^\\/sessions\\/([^?]+)/.exec(Buffer.from(url).toString('latin1'))[1]), {});
      }
      gc();
      console.log((process.memoryUsage().heapUsed - before) / 1000, await store.get('a-session-id-of-a-client-999') !== undefined);`;
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ['--expose-gc', '--import', 'tsx', '--input-type=module', '-e', program],
      { cwd: new URL('../..', import.meta.url), timeout: 30_000 },
    );
    const [bytes, isKept] = stdout.trim().split(' ');
    expect(isKept).toBe('true');
    expect(Number(bytes)).toBeLessThan(4000);
  });
});
