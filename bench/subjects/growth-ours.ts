import { createServer } from 'node:http';
import { createMemoryStore, createSessionRouter } from '../../dist/esm/index.js';
import { numberedId } from '../numbered-id.ts';
import { ASSOCIATIONS } from '../visitors.ts';

/** The router alone, over a memory store that has so many live sessions from the start. */
export default async function ourRouterWithSessions(count: string) {
  const store = createMemoryStore({ max: Number(count) + 1000 });
  for (let n = 0; n < Number(count); n++) await store.create(numberedId(n), ASSOCIATIONS);
  const router = createSessionRouter(store);
  return createServer((req, res) => {
    router(req as never, res as never, (error?: unknown) => {
      res.statusCode = error ? 500 : 404;
      res.end();
    });
  });
}
