import type { IncomingMessage } from 'node:http';

/**
 * The request that your hooks receive: what node:http created, with what Express and your other middleware have added to it, such as
 * `user`. A hook may declare its parameter as Express's `Request` if all of its requests come through Express.
 */
export type HookRequest = IncomingMessage & Partial<Express.Request>;
