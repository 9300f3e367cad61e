import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import express from 'express';
import request from 'supertest';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createSessionRouter } from '../src/index.js';

const run = promisify(execFile);
const worker = fileURLToPath(new URL('warnings-worker.ts', import.meta.url));

describe('a Secure cookie that is suppressed on plain HTTP', () => {
  it('is warned of once, with how to mend it', async () => {
    const warnings: (Error & { code?: string })[] = [];
    const heard = (warning: Error) => void warnings.push(warning);
    process.on('warning', heard);
    onTestFinished(() => void process.off('warning', heard));
    const cookie = { secret: 's', secure: true };
    const app = express().use(createSessionRouter(undefined, { cookie, autoCreate: true }));
    for (let i = 0; i < 3; i++) {
      await request(app).put('/sessions/new');
      await request(app).get('/');
    }
    await new Promise(setImmediate);
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toMatchObject({
      name: 'ExpressSessionInfoWarning',
      code: 'SECURE_COOKIE_SUPPRESSED',
    });
    expect(warnings[0]?.message).toMatch(/trust proxy.*"auto"/);
  });
});

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
