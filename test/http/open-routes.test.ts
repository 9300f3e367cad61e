import { describe, expect, it, vi } from 'vitest';
import type * as own from '../../src/index.js';
import { freshPackage } from '../fresh-package.js';

type Package = typeof own;

const cookie = { secret: 'a secret' };

/** The codes of the warnings that a process emits which mounts this. */
async function warningsOf(mount: (loaded: Package) => unknown) {
  const { loaded, warnings } = await freshPackage();
  await mount(loaded);
  await new Promise(setImmediate);
  return warnings;
}

describe('routes that a visitor could call', () => {
  it.each<[string, (loaded: Package) => unknown]>([
    [
      'one router with a cookie',
      ({ createMemoryStore, createSessionRouter }) => createSessionRouter(createMemoryStore(), { cookie }),
    ],
    [
      'a middleware with a cookie, then the routes of the same store in the other build',
      async ({ attachSession, createMemoryStore }) => {
        const store = createMemoryStore();
        attachSession(store, { cookie });
        vi.resetModules();
        const other: Package = await import('../../src/index.js');
        other.createSessionRouter(store);
      },
    ],
    [
      'a middleware with a cookie, then the routes of the same store',
      ({ attachSession, createMemoryStore, createSessionRouter }) => {
        const store = createMemoryStore();
        attachSession(store, { cookie });
        createSessionRouter(store);
        createSessionRouter(store);
      },
    ],
    [
      'the routes, then a middleware with a cookie',
      ({ attachSession, createMemoryStore, createSessionRouter }) => {
        const store = createMemoryStore();
        createSessionRouter(store);
        attachSession(store);
        attachSession(store, { cookie });
      },
    ],
  ])('make the process warn once: %s', async (_, mount) => {
    const warnings = await warningsOf(mount);
    expect(warnings.map(({ code }) => code)).toEqual(['ROUTES_OPEN_TO_VISITORS']);
    expect(warnings[0]?.message).toMatch(/can set their own customerId\. Set "authorize"/);
  });

  it.each<[string, (loaded: Package) => unknown]>([
    [
      'with authorize',
      ({ createMemoryStore, createSessionRouter }) =>
        createSessionRouter(createMemoryStore(), { cookie, authorize: () => true }),
    ],
    [
      'with identify',
      ({ createMemoryStore, createSessionRouter }) =>
        createSessionRouter(createMemoryStore(), { cookie, identify: () => undefined }),
    ],
    [
      'without a cookie',
      ({ attachSession, createMemoryStore, createSessionRouter }) => {
        const store = createMemoryStore();
        createSessionRouter(store);
        attachSession(store);
      },
    ],
    [
      'on another store than the cookie',
      ({ attachSession, createMemoryStore, createSessionRouter }) => {
        createSessionRouter(createMemoryStore());
        attachSession(createMemoryStore(), { cookie });
      },
    ],
    [
      'in a middleware alone, which has no routes',
      ({ attachSession, createMemoryStore }) => attachSession(createMemoryStore(), { cookie }),
    ],
  ])('emit no warning %s', async (_, mount) => {
    expect(await warningsOf(mount)).toEqual([]);
  });
});
