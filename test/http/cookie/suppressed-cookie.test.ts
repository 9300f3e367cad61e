import express from 'express';
import { describe, expect, it } from 'vitest';
import { freshPackage } from '../../fresh-package.js';
import { request } from '../request.js';

describe('a Secure cookie that is suppressed on plain HTTP', () => {
  it('warns once, with the fix', async () => {
    const { loaded, warnings } = await freshPackage();
    const cookie = { secret: 's', secure: true };
    const app = express().use(
      loaded.createSessionRouter(undefined, { cookie, autoCreate: true, authorize: () => true }),
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
