import { randomInt } from 'node:crypto';
import type { PackedSession } from './packed-session.js';

/**
 * Finds the sessions of a customer. It keeps a hash of the customer ID, because the ID would take as much memory as a third of a
 * session. So a session that it finds may be another customer's.
 */
export interface CustomerIndex {
  /** Nothing for a session without a customer. */
  add(customerId: string | undefined, session: PackedSession): void;
  remove(customerId: string | undefined, session: PackedSession): void;
  /** In the order in which they were added, perhaps with sessions of other customers between them. A copy. */
  candidates(customerId: string): PackedSession[];
}

/** Keeps an entry only as long as it has sessions. */
export function createCustomerIndex(): CustomerIndex {
  // Of its own, so that nobody can choose customer IDs that share an entry.
  const seed = randomInt(2 ** 32);
  // Most customers have one session, for which a Set would take ten times the memory.
  const entries = new Map<number, PackedSession | Set<PackedSession>>();
  return {
    add(customerId, session) {
      if (customerId === undefined) return;
      const key = hash(customerId, seed);
      const entry = entries.get(key);
      if (entry instanceof Set) entry.add(session);
      else entries.set(key, entry === undefined ? session : new Set([entry, session]));
    },
    remove(customerId, session) {
      if (customerId === undefined) return;
      const key = hash(customerId, seed);
      const entry = entries.get(key);
      if (entry instanceof Set) entry.delete(session);
      if (entry === session || (entry instanceof Set && entry.size === 0)) entries.delete(key);
    },
    candidates(customerId) {
      const entry = entries.get(hash(customerId, seed));
      if (entry === undefined) return [];
      return entry instanceof Set ? [...entry] : [entry];
    },
  };
}

/**
 * FNV-1a with a seed, of 30 bits because V8 keeps so much without an object. After each step high bits come down: a product has no influence
 * on the bits below, so a few bits of the seed would decide which texts collide.
 */
function hash(text: string, seed: number): number {
  let value = seed;
  for (let i = 0; i < text.length; i++) {
    value = Math.imul(value ^ text.charCodeAt(i), 0x01000193);
    value ^= value >>> 15;
  }
  return value >>> 2;
}
