import { AsyncLocalStorage } from 'node:async_hooks';
import type { IncomingMessage } from 'node:http';
import type { Awaitable } from '../session-store.js';

/**
 * The request that your hooks receive: what node:http created, with what Express and your other middleware have added to it, such as
 * `user`. A hook may declare its parameter as Express's `Request` if all of its requests come through Express.
 */
export type HookRequest = IncomingMessage & Partial<Express.Request>;

/** Calls a hook. Rejects with what it throws. Until it has settled, {@link isInHook} is true of everything that it calls. */
export async function callHook<Value>(
  req: IncomingMessage,
  hook: (req: HookRequest) => Awaitable<Value>,
): Promise<Value> {
  const call = { req, isRunning: true };
  try {
    return await running.run(call, hook, req as HookRequest);
  } finally {
    call.isRunning = false;
  }
}

/** Whether this is called by a hook of the request that has not settled yet. */
export function isInHook(req: IncomingMessage): boolean {
  const call = running.getStore();
  return call?.req === req && call.isRunning;
}

const running = new AsyncLocalStorage<{ readonly req: IncomingMessage; readonly isRunning: boolean }>();
