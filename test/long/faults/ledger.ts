import type { SessionInfo } from '../../../src/session-info.js';

/** A session that was answered 200 or 201, and what the answers said of it. */
export interface LedgerEntry {
  readonly sessionId: string;
  readonly customerId: string;
  /** The visitIds that were sent for it, answered or not: one that was given up may have been made, even late. */
  readonly sent: Set<string>;
  /** Whether one of them was answered. */
  updated: boolean;
}

/** What was acknowledged, so what must be there. */
export interface Ledger {
  readonly entries: readonly LedgerEntry[];
  add(sessionId: string, customerId: string): void;
  /** One to read. */
  next(): LedgerEntry | undefined;
  /** One to update: after an update that was answered none is sent, so that the answer is all that counts. */
  nextToUpdate(): LedgerEntry | undefined;
}

export function createLedger(): Ledger {
  const entries: LedgerEntry[] = [];
  let reads = 0;
  let updates = 0;
  return {
    entries,
    add: (sessionId, customerId) => {
      entries.push({ sessionId, customerId, sent: new Set(), updated: false });
    },
    next: () => entries[reads++ % entries.length],
    nextToUpdate() {
      for (let tried = 0; tried < entries.length; tried++) {
        const entry = entries[updates++ % entries.length];
        if (entry && !entry.updated) return entry;
      }
      return undefined;
    },
  };
}

/** Whether a session is what was acknowledged of it. */
export function agrees(
  info: Partial<SessionInfo>,
  { sessionId, customerId, sent, updated }: LedgerEntry,
): boolean {
  const { visitId } = info;
  const visitIsRight = visitId === undefined ? !updated : sent.has(visitId);
  return info.sessionId === sessionId && info.customerId === customerId && visitIsRight;
}
