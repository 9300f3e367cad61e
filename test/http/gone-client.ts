import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { connect as connectHttp2, constants, createServer as createHttp2Server } from 'node:http2';
import { type AddressInfo, connect } from 'node:net';
import { onTestFinished } from 'vitest';

type Handler = (req: IncomingMessage, res: ServerResponse) => void;

/** Sends a request whose client closes the connection, or the stream of HTTP/2, before the app does anything. */
export const GONE = {
  async 'HTTP/1.1'(cookie: string, handler: Handler): Promise<void> {
    const server = createServer((req, res) => {
      res.once('close', () => handler(req, res));
      client.destroy();
    }).listen(0, '127.0.0.1');
    onTestFinished(() => void server.close());
    await once(server, 'listening');
    const client = connect((server.address() as AddressInfo).port, '127.0.0.1').on('error', () => {});
    client.write(`GET / HTTP/1.1\r\nHost: a\r\nCookie: ${cookie}\r\n\r\n`);
  },
  async 'HTTP/1.1, while an earlier request of the connection waits'(
    cookie: string,
    handler: Handler,
  ): Promise<void> {
    const server = createServer((req, res) => {
      if (req.url === '/earlier') return;
      req.socket.once('close', () => handler(req, res));
      client.destroy();
    }).listen(0, '127.0.0.1');
    onTestFinished(() => void server.close());
    await once(server, 'listening');
    const client = connect((server.address() as AddressInfo).port, '127.0.0.1').on('error', () => {});
    const head = `HTTP/1.1\r\nHost: a\r\nCookie: ${cookie}\r\n\r\n`;
    client.write(`GET /earlier ${head}GET / ${head}`);
  },
  async 'HTTP/2'(cookie: string, handler: Handler): Promise<void> {
    const server = createHttp2Server((req, res) => {
      res.once('close', () => handler(req as never, res as never));
      stream.close(constants.NGHTTP2_CANCEL);
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const client = connectHttp2(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    onTestFinished(() => {
      client.destroy();
      server.close();
    });
    const stream = client.request({ ':path': '/', cookie }).on('error', () => {});
  },
};

export const PROTOCOLS = Object.keys(GONE) as (keyof typeof GONE)[];
