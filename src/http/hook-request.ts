import { AsyncLocalStorage } from 'node:async_hooks';
import type { IncomingMessage } from 'node:http';
import { oncePerProcess } from '../once-per-process.js';
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
  const call: HookCall = { req };
  try {
    return await running.run(call, hook, req as HookRequest);
  } finally {
    // What the hook has started, and the app may keep for long, must not keep the request.
    call.req = undefined;
  }
}

/** Whether this is called by a hook of the request that has not settled yet. */
export function isInHook(req: IncomingMessage): boolean {
  return running.getStore()?.req === req;
}

/** The request whose hook runs, until it has settled. */
interface HookCall {
  req: IncomingMessage | undefined;
}

const running = oncePerProcess('running-hooks.1', () => new AsyncLocalStorage<HookCall>());
