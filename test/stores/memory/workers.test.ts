import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';

describe('a memory store in several workers', () => {
  const worker = fileURLToPath(new URL('worker-process.ts', import.meta.url));
  const stderrWith = async (env: string) => {
    const { stderr } = await promisify(execFile)(process.execPath, ['--import', 'tsx', worker], {
      env: { ...process.env, NODE_ENV: env, NODE_OPTIONS: '' },
      timeout: 30_000,
    });
    return stderr;
  };

  it('makes the process warn once in production, and not in development', async () => {
    const production = await stderrWith('production');
    expect(production.match(/\[MEMORY_STORE_IN_WORKERS\]/g)).toHaveLength(1);
    expect(production).toContain('createRedisStore');
    expect(await stderrWith('development')).not.toContain('MEMORY_STORE_IN_WORKERS');
  });
});
