import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';

const run = promisify(execFile);
const worker = fileURLToPath(new URL('warnings-worker.ts', import.meta.url));

describe('a memory store in several workers', () => {
  const stderrWith = async (env: string) => {
    const { stderr } = await run(process.execPath, ['--import', 'tsx', worker], {
      env: { ...process.env, NODE_ENV: env, NODE_OPTIONS: '' },
      timeout: 15_000,
    });
    return stderr;
  };

  it('is warned of once in production, and not in development', async () => {
    const production = await stderrWith('production');
    expect(production.match(/\[MEMORY_STORE_IN_WORKERS\]/g)).toHaveLength(1);
    expect(production).toContain('createRedisStore');
    expect(await stderrWith('development')).not.toContain('MEMORY_STORE_IN_WORKERS');
  });
});
