import { createServer } from 'node:http';
import { createSessionRouter } from '../../dist/esm/index.js';

export default function ourRouterOnNode() {
  const router = createSessionRouter();
  return createServer((req, res) => {
    router(req as never, res as never, (error?: unknown) => {
      res.statusCode = error ? 500 : 404;
      res.end();
    });
  });
}
