import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it, onTestFinished } from 'vitest';
import { warnOnce } from '../src/warn-once.js';

describe('warnOnce', () => {
  it('emits one process warning for each code', async () => {
    const warnings: (Error & { code?: string })[] = [];
    const warned = (warning: Error) => void warnings.push(warning);
    process.on('warning', warned);
    onTestFinished(() => void process.off('warning', warned));
    for (const code of ['A_CODE', 'A_CODE', 'ANOTHER_CODE']) warnOnce(code, `what to do about ${code}`);
    await new Promise(setImmediate);
    expect(warnings.map(({ name, code, message }) => [name, code, message])).toEqual([
      ['ExpressSessionInfoWarning', 'A_CODE', 'what to do about A_CODE'],
      ['ExpressSessionInfoWarning', 'ANOTHER_CODE', 'what to do about ANOTHER_CODE'],
    ]);
  });
});

describe('a memory store in several workers', () => {
  const worker = fileURLToPath(new URL('warn-once/memory-store-worker.ts', import.meta.url));
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
