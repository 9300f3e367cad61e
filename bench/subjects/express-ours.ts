import { createServer } from 'node:http';
import express from 'express';
import { createSessionRouter } from '../../dist/esm/index.js';

export default function expressWithOurRouter() {
  const app = express();
  app.use(createSessionRouter());
  return createServer(app);
}
