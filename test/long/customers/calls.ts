import { readFileSync } from 'node:fs';
import type { AssociationChanges, SessionInfo } from '../../../src/session-info.js';
import type { CustomerStoreSetting } from './open-customer-store.js';
import type { CustomerStore } from './open-redis-store.js';

export interface ProcessSetting extends CustomerStoreSetting {
  /** Begins the IDs of its sessions. */
  readonly name: string;
  readonly customers: readonly string[];
  /** The file of its calls. */
  readonly log: string;
}

/** Times are of the clock that all processes of a machine share, in ms. */
export interface BegunCall {
  readonly number: number;
  readonly method: keyof CustomerStore;
  readonly args: unknown[];
  readonly invoked: number;
}

export interface EndedCall {
  readonly number: number;
  readonly returned: number;
  readonly result?: unknown;
  readonly error?: string;
}

interface Timed {
  readonly invoked: number;
  /** Infinity while nobody knows what became of it: it failed, or its process was killed. */
  readonly returned: number;
}

/** A call for one session by its only owner; its result unless that is not known. */
export interface OwnerCall extends Timed {
  readonly method: 'create' | 'get' | 'update' | 'delete';
  readonly sessionId: string;
  readonly changes: AssociationChanges;
  readonly result?: SessionInfo | boolean;
}

export interface ListCall extends Timed {
  readonly customerId: string;
  readonly list: readonly SessionInfo[];
}

export interface EndCall extends Timed {
  readonly customerId: string;
  readonly except: string;
  readonly count: number;
}

export interface Calls {
  /** By session, in order. */
  readonly owners: Map<string, OwnerCall[]>;
  /** Those that returned. */
  readonly lists: ListCall[];
  readonly ends: EndCall[];
  readonly errors: string[];
}

/** What the processes have written down. */
export function readCalls(logs: readonly string[]): Calls {
  const calls: Calls = { owners: new Map(), lists: [], ends: [], errors: [] };
  for (const log of logs) {
    const begun = new Map<number, BegunCall>();
    const ended = new Map<number, EndedCall>();
    for (const text of readFileSync(log, 'utf8').split('\n').filter(Boolean)) {
      const line = JSON.parse(text) as BegunCall | EndedCall;
      if ('invoked' in line) begun.set(line.number, line);
      else ended.set(line.number, line);
    }
    for (const [number, { method, args, invoked }] of begun) {
      const end = ended.get(number);
      if (end?.error) calls.errors.push(end.error);
      const isKnown = end !== undefined && end.error === undefined;
      const timed = { invoked, returned: isKnown ? end.returned : Number.POSITIVE_INFINITY };
      add(calls, method, args, timed, isKnown ? end.result : undefined);
    }
  }
  return calls;
}

function add(
  calls: Calls,
  method: keyof CustomerStore,
  args: unknown[],
  timed: Timed,
  result: unknown,
): void {
  const [id = '', second] = args as [string, unknown];
  if (method === 'listByCustomer') {
    if (result) calls.lists.push({ ...timed, customerId: id, list: result as SessionInfo[] });
  } else if (method === 'deleteByCustomer') {
    const { except } = second as { except: string };
    calls.ends.push({ ...timed, customerId: id, except, count: (result as number | undefined) ?? 0 });
  } else {
    const own = calls.owners.get(id) ?? [];
    calls.owners.set(id, own);
    const changes = (second ?? {}) as AssociationChanges;
    own.push({ ...timed, method, sessionId: id, changes, result } as OwnerCall);
  }
}
