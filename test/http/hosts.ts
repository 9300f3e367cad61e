import http, { type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import express, { type RequestHandler, type Router } from 'express';
import { onTestFinished } from 'vitest';
import { HOST_RESPONSE } from './validate-response.js';

/** Says which session the request was given, as any route of a host would see it. */
export const showSession: RequestHandler = (req, res) => {
  res.statusCode = 200;
  res.end(JSON.stringify({ sessionInfo: req.sessionInfo ?? null }));
};

/** Answers errors in the way of a host: with their own status, and words that our routes never use. */
function hostError(error: { status?: number; headers?: object }, res: http.ServerResponse): void {
  res.statusCode = error.status ?? 500;
  res.setHeader(HOST_RESPONSE, 'error');
  for (const [name, value] of Object.entries(error.headers ?? {})) res.setHeader(name, value);
  res.end(JSON.stringify({ hostError: String(error) }));
}

/** A way to run the router: the prefix of its paths, and the request listener. */
export interface Host {
  readonly name: string;
  readonly prefix: string;
  readonly listener: (router: Router, after?: RequestHandler) => RequestListener;
}

function expressHost(name: string, prefix: string, before: () => RequestHandler[]): Host {
  return {
    name,
    prefix,
    listener(router, after = showSession) {
      const app = express();
      for (const handler of before()) app.use(handler);
      if (prefix) app.use(prefix, router);
      else app.use(router);
      app.use(after);
      app.use((error: object, _req: unknown, res: http.ServerResponse, _next: unknown) =>
        hostError(error, res),
      );
      return app;
    },
  };
}

const ALL_HOSTS: readonly Host[] = [
  expressHost('Express', '', () => []),
  expressHost('Express under a path', '/api/v1', () => []),
  expressHost('Express after express.json()', '', () => [express.json()]),
  {
    name: 'bare node:http',
    prefix: '',
    listener: (router, after = showSession) => {
      return (req, res) =>
        router(req as never, res as never, (error?: unknown) => {
          if (error) hostError(error as object, res);
          else after(req as never, res as never, () => {});
        });
    },
  },
];

/** Every way in which a host may run the router; with ONE_HOST only the first, for npm run test:mutation. */
export const HOSTS = process.env.ONE_HOST ? ALL_HOSTS.slice(0, 1) : ALL_HOSTS;

/** Those between which what comes of a body may differ. */
export const HOSTS_OF_BODIES = process.env.ONE_HOST
  ? ALL_HOSTS.filter(({ name }) => /^Express($| after)/.test(name))
  : ALL_HOSTS;

/** Listens on a free port of the loopback interface until the test ends. */
export async function listen(
  listener: RequestListener,
): Promise<{ server: Server; url: string; port: number }> {
  const server = http.createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  const { port } = server.address() as AddressInfo;
  return { server, url: `http://127.0.0.1:${port}`, port };
}
