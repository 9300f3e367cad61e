// node --expose-gc memory-process.ts STORE COUNT: prints how many bytes a session takes in a store that has so many.
import { randomBytes, randomUUID } from 'node:crypto';
import session from 'express-session';
import createMemorystore from 'memorystore';
import { createMemoryStore } from '../dist/esm/index.js';
import type { Associations } from './subjects/hand-written.ts';

type Fill = (count: number) => Promise<object>;

const STORES: Record<string, Fill> = {
  async ours(count) {
    const store = createMemoryStore({ max: count });
    for (let n = 0; n < count; n++) {
      const { agentId, customerId, visitId, globalVisitId } = associations(n);
      const sessionId = parsed(randomUUID());
      await store.create(sessionId, { agentId, customerId });
      // A second call, as clients make it, after which updatedAt is a time of its own.
      await store.update(sessionId, { visitId, globalVisitId });
    }
    return store;
  },
  'MemoryStore-four': (count) => fill(new session.MemoryStore(), count, associations),
  'MemoryStore-all': (count) =>
    fill(new session.MemoryStore(), count, (n) => ({ ...associations(n), ...times() })),
  memorystore(count) {
    const MemoryStore = createMemorystore(session);
    return fill(new MemoryStore({ checkPeriod: 24 * 60 * 60 * 1000 }), count, associations);
  },
};

const [name = '', count = ''] = process.argv.slice(2);
const before = bytes();
const store = await (STORES[name] as Fill)(Number(count));
console.log(Math.round((bytes() - before) / Number(count)));
// Until here the store is in use.
process.exitCode = Object.keys(store).length > 0 ? 0 : 1;

function bytes(): number {
  for (let i = 0; i < 3; i++) gc?.();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

/** Puts sessions into a store of express-session as it does itself. */
async function fill(
  store: session.Store,
  count: number,
  members: (n: number) => object,
): Promise<session.Store> {
  const cookie = { originalMaxAge: null, expires: null, httpOnly: true, path: '/' };
  for (let n = 0; n < count; n++) {
    const req = { sessionID: randomBytes(24).toString('base64url') };
    const created = store.createSession(req as never, { cookie, ...members(n) });
    store.set(req.sessionID, created);
    // MemoryStore calls back on later turns, which must not pile up.
    if (n % 1000 === 0) await new Promise(setImmediate);
  }
  await new Promise(setImmediate);
  return store;
}

function associations(n: number): Required<Associations> {
  return {
    agentId: parsed(`agent-${n % 1000}`),
    customerId: parsed(`customer-${1_000_000 + n}`),
    visitId: parsed(`visit-${1_000_000 + n}`),
    globalVisitId: parsed(`global-visit-${1_000_000 + n}`),
  };
}

function times(): { createdAt: string; updatedAt: string } {
  return { createdAt: new Date().toISOString(), updatedAt: new Date().toISOString() };
}

/** A string as a parser of requests creates it: a copy of bytes, and not a rope of its parts as a template may be. */
function parsed(text: string): string {
  return Buffer.from(text, 'latin1').toString('latin1');
}
