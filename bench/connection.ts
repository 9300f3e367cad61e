import type { Server } from 'node:http';
import { connect } from 'node:net';
import { Duplex } from 'node:stream';

/** A connection to a server, as a client has it. */
export interface Connection {
  send(request: Buffer): void;
  /** Called with each part of a response. All of them are ASCII, so a length counts bytes. */
  onData: (part: string | Buffer) => void;
  /** Called when the server closes the connection. */
  onClose: () => void;
}

/**
 * A connection without a kernel: the server parses and writes HTTP as on a socket, but no system call is part of it, so that CPU time
 * is that of the application.
 */
export function connectInMemory(server: Server): Connection {
  const wire = new Duplex({
    decodeStrings: false,
    read() {},
    write(part, _encoding, done) {
      connection.onData(part);
      done();
    },
    writev(parts, done) {
      for (const { chunk } of parts) connection.onData(chunk);
      done();
    },
  });
  const connection: Connection = {
    send: (request) => wire.push(request),
    onData() {},
    onClose() {},
  };
  wire.on('close', () => connection.onClose());
  server.emit('connection', wire);
  return connection;
}

/** A connection over a socket of the loopback interface. */
export function connectSocket(port: number): Connection {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true });
  socket.on('data', (part) => connection.onData(part));
  socket.on('error', () => {}).on('close', () => connection.onClose());
  const connection: Connection = {
    send: (request) => socket.write(request),
    onData() {},
    onClose() {},
  };
  return connection;
}
