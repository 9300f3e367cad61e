import type { IncomingMessage } from 'node:http';
import { describe, expect, it } from 'vitest';
import { createSession, type GenerateId } from '../../src/http/new-session.js';
import { createMemoryStore, type SessionStore } from '../../src/index.js';
import { guardOf } from '../../src/store-calls/store-guard.js';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

const req = {} as IncomingMessage;
const create = (generateId: GenerateId | undefined, store: SessionStore = createMemoryStore()) =>
  createSession(req, { guard: guardOf(store), generateId }, { customerId: 'c' });

describe('createSession', () => {
  it('creates a session with a random UUID', async () => {
    const store = createMemoryStore();
    const info = await create(undefined, store);
    expect(info).toMatchObject({ sessionId: expect.stringMatching(UUID), customerId: 'c' });
    expect(await store.get(info.sessionId)).toEqual(info);
  });

  it('says that the store is at fault if it refuses a random UUID, and calls it once', async () => {
    let creates = 0;
    const refusing = { ...createMemoryStore(), create: () => void creates++ };
    await expect(create(undefined, refusing)).rejects.toMatchObject({
      code: 'store_unavailable',
      cause: new Error('the store refused a random UUID'),
    });
    expect(creates).toBe(1);
  });

  it('accepts an ID, or a promise of it, from the hook', async () => {
    expect(await create(() => 'an-id')).toMatchObject({ sessionId: 'an-id' });
    expect(await create(async () => 'an-id')).toMatchObject({ sessionId: 'an-id' });
  });

  it('calls the hook with the request', async () => {
    const received: unknown[] = [];
    await create((given) => {
      received.push(given);
      return 'an-id';
    });
    expect(received).toEqual([req]);
  });

  it('calls the hook up to three times while its ID is taken', async () => {
    const store = createMemoryStore();
    await store.create('taken', {});
    const ids = ['taken', 'taken', 'free', 'taken', 'taken', 'taken', 'not used'];
    const next = () => ids.shift() as string;
    expect(await create(next, store)).toMatchObject({ sessionId: 'free' });
    await expect(create(next, store)).rejects.toThrow(
      /^option "generateId" returned the ID of a live session; return random IDs$/,
    );
    expect(ids).toEqual(['not used']);
  });

  it.each([
    undefined,
    '',
    'new',
    'NEW',
    'a b',
    'x'.repeat(129),
    7,
    '..',
    '0',
    '00000000-0000-0000-0000-000000000000',
  ])('rejects the ID %j of the hook', async (id) => {
    await expect(create(() => id as never)).rejects.toThrow(
      /^option "generateId" must return 1 to 128 of A-Z a-z 0-9 - \. _ ~, and neither "new" nor only 0 and -$/,
    );
  });
});
