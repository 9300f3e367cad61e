import { execFile } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { createMemoryStore } from '../../src/stores/memory.js';
import { customerSessionsCases, sessionStoreCases } from '../../src/testing/index.js';

const runners = fileURLToPath(new URL('runners', import.meta.url));
const root = fileURLToPath(new URL('../..', import.meta.url));
const count = sessionStoreCases(createMemoryStore).length + customerSessionsCases(createMemoryStore).length;

/** Every case waits for real time, one after the other: some 35 s, and the start of a runner on a slow machine. */
const LIMIT = 180_000;

/** What a program of Node's printed; rejects when it fails or does not end in time. */
async function run(...args: string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, args, {
    cwd: root,
    timeout: LIMIT,
    killSignal: 'SIGKILL',
    maxBuffer: 16 * 1024 * 1024,
  });
  return stdout;
}

describe('the kit runs under', () => {
  it.concurrent('node:test', { timeout: LIMIT }, async () => {
    const fixture = join(runners, 'with-node-test.ts');
    const report = await run('--import', 'tsx', '--test', '--test-reporter=tap', fixture);
    expect(report).toMatch(new RegExp(`^# pass ${count}$`, 'm'));
    expect(report).toMatch(/^# fail 0$/m);
  });

  it.concurrent('Jest, from the CommonJS build', { timeout: LIMIT }, async () => {
    const config = {
      rootDir: runners,
      testMatch: ['**/with-jest.cjs'],
      testEnvironment: 'node',
      transform: {},
    };
    const report = JSON.parse(
      await run(jest, '--json', '--watchman=false', '--config', JSON.stringify(config)),
    );
    expect(report).toMatchObject({ numPassedTests: count, numTotalTests: count, success: true });
  });
});

const jest = join(dirname(createRequire(import.meta.url).resolve('jest/package.json')), 'bin/jest.js');
