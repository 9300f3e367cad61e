import { connect, type Socket } from 'node:net';

/** What one connection of an attacker does. It ends with the connection, and counts what it did and the responses. */
type Attack = (socket: Socket, count: (what: string) => void, isOver: () => boolean) => void;

const PUT = 'PUT /sessions/new HTTP/1.1\r\nHost: a\r\n';
const CLOSING_GET = 'GET /sessions/unknown HTTP/1.1\r\nHost: a\r\nConnection: close\r\n';
const JSON_BODY = 'Content-Type: application/json\r\nContent-Length: 16384\r\n\r\n{"visitId":"';

/** By name, the attack and how many connections there are at a time. */
export const ATTACKS: Record<string, { connections: number; attack: Attack }> = {
  'headers, a byte at a time': { connections: 300, attack: dripping(`${PUT}X-Slow: `) },
  'bodies, a byte at a time': { connections: 300, attack: dripping(PUT + JSON_BODY) },
  'aborts in mid-body': { connections: 30, attack: aborting },
  'headers of 64 KiB': { connections: 30, attack: flooding(`${PUT}X-Flood: ${'x'.repeat(65_536)}\r\n\r\n`) },
  '4,000 headers': { connections: 30, attack: flooding(`${CLOSING_GET}${'x: y\r\n'.repeat(4000)}\r\n`) },
  'pipelined requests, 100 at a time': { connections: 10, attack: pipelining },
};

/** Attacks a port until `isOver`: a connection that ends is followed by the next. Returns what was counted. */
export async function makeAttack(
  name: string,
  port: number,
  isOver: () => boolean,
): Promise<Record<string, number>> {
  const { connections, attack } = ATTACKS[name] as (typeof ATTACKS)[string];
  const counts: Record<string, number> = {};
  const count = (what: string) => {
    counts[what] = (counts[what] ?? 0) + 1;
  };
  const one = () =>
    new Promise<void>((resolve) => {
      const socket = connect(port, '127.0.0.1', () => {
        count('connections');
        attack(socket, count, isOver);
      });
      const end = setInterval(() => isOver() && socket.destroy(), 20);
      // The server may well reset it.
      socket.on('error', () => {});
      socket.on('close', () => {
        clearInterval(end);
        resolve();
      });
    });
  await Promise.all(
    Array.from({ length: connections }, async () => {
      while (!isOver()) await one();
    }),
  );
  return counts;
}

function countResponses(socket: Socket, count: (what: string) => void): void {
  socket.setEncoding('latin1').on('data', (text: unknown) => {
    for (const [, status = ''] of String(text).matchAll(/HTTP\/1\.1 (\d{3})/g)) count(status);
  });
}

function dripping(beginning: string): Attack {
  return (socket, count) => {
    countResponses(socket, count);
    socket.write(beginning);
    const drip = setInterval(() => socket.write('x'), 100);
    socket.on('close', () => clearInterval(drip));
  };
}

function aborting(socket: Socket): void {
  socket.write(`${PUT}${JSON_BODY}${'x'.repeat(8000)}`, () => setImmediate(() => socket.destroy()));
}

function flooding(bytes: string): Attack {
  return (socket, count) => {
    countResponses(socket, count);
    socket.write(bytes);
  };
}

function pipelining(socket: Socket, count: (what: string) => void, isOver: () => boolean): void {
  const batch = 'GET /sessions/unknown HTTP/1.1\r\nHost: a\r\n\r\n'.repeat(100);
  let responses = 0;
  socket.setEncoding('latin1').on('data', (text: unknown) => {
    for (const [, status = ''] of String(text).matchAll(/HTTP\/1\.1 (\d{3})/g)) {
      count(status);
      if (++responses % 100 === 0 && !isOver()) socket.write(batch);
    }
  });
  socket.write(batch);
}
