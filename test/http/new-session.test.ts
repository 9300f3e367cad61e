import type { IncomingMessage } from 'node:http';
import { describe, expect, it } from 'vitest';
import { createSession, generateUuid } from '../../src/http/new-session.js';
import { createMemoryStore } from '../../src/index.js';
import { createStoreGuard } from '../../src/store-calls/store-guard.js';

describe('createSession', () => {
  it('says what a store did that refused a random UUID', async () => {
    const guard = createStoreGuard({ ...createMemoryStore(), create: () => undefined });
    const created = createSession({} as IncomingMessage, { guard, generateId: generateUuid }, {});
    await expect(created).rejects.toMatchObject({ cause: new Error('the store refused a random UUID') });
  });
});
