import express from 'express';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { request } from '../request.js';

describe('a Secure cookie that is suppressed on plain HTTP', () => {
  it('warns once, with the fix', async () => {
    // Another test may have been warned in this process.
    vi.resetModules();
    const { createSessionRouter } = await import('../../../src/index.js');
    const warnings: (Error & { code?: string })[] = [];
    const listener = (warning: Error) => void warnings.push(warning);
    process.on('warning', listener);
    onTestFinished(() => void process.off('warning', listener));
    const cookie = { secret: 's', secure: true };
    const app = express().use(
      createSessionRouter(undefined, { cookie, autoCreate: true, authorize: () => true }),
    );
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
    expect(warnings[0]?.message).toMatch(/^The session cookie .*trust proxy.*"auto"$/);
  });
});
