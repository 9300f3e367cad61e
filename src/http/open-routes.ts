import { oncePerProcess, warnOnce } from '../once-per-process.js';
import type { SessionStore } from '../session-store.js';

/**
 * Warns once if visitors have the IDs of a store in a cookie and may call its routes: they could set their own customerId. Called for each
 * middleware with a cookie, and for each router with neither `authorize` nor `identify`.
 */
export function warnIfOpen(store: SessionStore, has: 'cookie' | 'open routes'): void {
  const other = has === 'cookie' ? 'open routes' : 'cookie';
  seen[has].add(store);
  if (!seen[other].has(store)) return;
  warnOnce(
    'ROUTES_OPEN_TO_VISITORS',
    'The routes of createSessionRouter have neither "authorize" nor "identify", while visitors have a cookie with an ID of the same ' +
      'store: a visitor can set their own customerId. Set "authorize"; authorize: () => true confirms that this is intended',
  );
}

const seen = oncePerProcess('open-routes.1', () => ({
  cookie: new WeakSet<SessionStore>(),
  'open routes': new WeakSet<SessionStore>(),
}));
