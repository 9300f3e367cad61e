import type { Server } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import express, { type RequestHandler } from 'express';
import ts from 'typescript';
import { onTestFinished, vi } from 'vitest';
import * as library from '../../src/index.js';
import { createSessionRouter, type SessionRouterOptions, type SessionStore } from '../../src/index.js';
import { listen } from '../http/hosts.js';
import { docsBlock } from './docs-block.js';

/** What an app's own route sees of a request. */
export interface Seen {
  readonly sessionInfo: { sessionId: string } | null;
  readonly url: string;
  readonly ip: string;
  readonly secure: boolean;
  readonly headers: Record<string, string>;
}

const showRequest: RequestHandler = (req, res) => {
  const { originalUrl: url, ip, secure, headers, sessionInfo = null } = req;
  res.set('Content-Type', 'application/json').end(JSON.stringify({ sessionInfo, url, ip, secure, headers }));
};

/** An app with the router, and for every other path a route that responds with what it has {@link Seen}. */
export async function startHost(
  options: SessionRouterOptions = {},
  {
    store,
    mount = '/',
    trustProxy = false,
    before = [],
  }: {
    store?: SessionStore;
    mount?: string;
    trustProxy?: string | false;
    before?: RequestHandler[];
  } = {},
): Promise<{ port: number; connections: () => number }> {
  const app = express();
  app.set('trust proxy', trustProxy);
  app.use(...before, (_req, _res, next) => next());
  app.use(mount, createSessionRouter(store, options));
  app.use(showRequest);
  const { server, port } = await listen(app);
  let connections = 0;
  server.on('connection', () => connections++);
  return { port, connections: () => connections };
}

/** The app or server that a block of the docs exports, listening on a free port until the test ends. */
export async function startDocsApp(name: string, replacements: Record<string, string> = {}) {
  if (process.env.SESSION_SECRET === undefined) {
    vi.stubEnv('SESSION_SECRET', 'a secret of these tests');
    onTestFinished(() => void vi.unstubAllEnvs());
  }
  const { app, server } = runModule(docsBlock('ts', name, replacements));
  if (app) return listen(app);
  if (!server) throw new Error(`block "ts ${name}" exports neither app nor server`);
  if (!server.listening) await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { server, port: (server.address() as AddressInfo).port };
}

function runModule(source: string): { app?: express.Express; server?: Server } {
  const options = { module: ts.ModuleKind.CommonJS, target: ts.ScriptTarget.ES2022, esModuleInterop: true };
  const requireHere = createRequire(import.meta.url);
  const exports = {};
  const load = (id: string) => (id === 'express-session-info' ? library : requireHere(id));
  new Function('require', 'exports', ts.transpile(source, options))(load, exports);
  return exports;
}
