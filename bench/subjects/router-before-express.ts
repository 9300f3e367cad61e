import { createServer } from 'node:http';
import express from 'express';
import { createSessionRouter } from '../../dist/esm/index.js';

export default function ourRouterBeforeExpress() {
  const app = express();
  const router = createSessionRouter();
  return createServer((req, res) => router(req as never, res as never, () => app(req, res)));
}
