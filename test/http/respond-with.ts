import type { IncomingMessage, ServerResponse } from 'node:http';
import type { SessionInfo } from '../../src/index.js';

/** The code of an app's route. */
export type RouteCode = (
  req: IncomingMessage & { sessionInfo?: SessionInfo | undefined },
  res: ServerResponse,
) => unknown;

/** A route that responds with the `value` or the `error` of its code, and with `req.sessionInfo` after it. */
export function respondWith(code: RouteCode) {
  return async (...[req, res]: Parameters<RouteCode>): Promise<void> => {
    const outcome = await outcomeOf(() => code(req, res));
    res.end(JSON.stringify({ ...outcome, sessionInfo: req.sessionInfo ?? null }));
  };
}

async function outcomeOf(code: () => unknown): Promise<object> {
  try {
    return { value: (await code()) ?? null };
  } catch (error) {
    const { code, status } = error as { code?: string; status?: number };
    return { error: String(error), code, status };
  }
}
