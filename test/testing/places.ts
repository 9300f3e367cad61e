import { setTimeout as sleep } from 'node:timers/promises';
import { delayed, type Place } from './reference-store.js';

/** So far away that a call takes that many ms. */
export function delayedBy(ms: number): Place {
  return (store, backend) => {
    async function later<Result>(call: () => Result): Promise<Awaited<Result>> {
      await sleep(ms / 2);
      const result = await call();
      await sleep(ms / 2);
      return result;
    }
    return delayed(store, backend, later);
  };
}

/** Where a time column has no fractions of a second. */
export const inWholeSeconds: Place = (store) => ({
  create: async (...args) => withoutMs(await store.create(...args)),
  get: async (...args) => withoutMs(await store.get(...args)),
  peek: async (...args) => withoutMs(await store.peek(...args)),
  update: async (...args) => withoutMs(await store.update(...args)),
  delete: store.delete,
  listByCustomer: async (...args) => (await store.listByCustomer(...args)).map(withoutMs),
  deleteByCustomer: store.deleteByCustomer,
});

function withoutMs<Info extends { createdAt: string; updatedAt: string } | undefined>(info: Info): Info {
  if (info === undefined) return info;
  const whole = (time: string) => time.replace(/\.\d{3}Z$/, '.000Z');
  return { ...info, createdAt: whole(info.createdAt), updatedAt: whole(info.updatedAt) };
}
