import type { Connection } from './connection.ts';

/** How many requests wait at any time, so that the server always has the next one. */
export const CONNECTIONS = 50;

/**
 * Sends so many requests, the next one on each connection when its response is complete. Every response must be a success of
 * `responseLength` bytes, as the one that was checked. The next request waits for the next turn of the event loop, as on a socket.
 */
export function load(
  connections: readonly Connection[],
  requests: readonly Buffer[],
  { count, responseLength }: { count: number; responseLength: number },
): Promise<void> {
  let sent = 0;
  let done = 0;
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`${done} of ${count} responses in time`)), LIMIT);
    const next = (connection: Connection) => {
      if (sent < count) connection.send(requests[sent++ % requests.length] as Buffer);
    };
    for (const connection of connections) {
      let received = 0;
      connection.onClose = () => reject(new Error('the server closed a connection'));
      connection.onData = (part) => {
        if (part.length === 0) return;
        if (received === 0 && !isSuccess(part)) reject(new Error(`not a success: ${part}`));
        received += part.length;
        if (received < responseLength) return;
        if (received > responseLength) reject(new Error(`longer than the checked response: ${part}`));
        received = 0;
        if (++done < count) return setImmediate(next, connection);
        clearTimeout(timer);
        resolve();
      };
      setImmediate(next, connection);
    }
  });
}

const LIMIT = 110_000;

/** By the first digit of the status, after `HTTP/1.1 `. */
function isSuccess(part: string | Buffer): boolean {
  return (typeof part === 'string' ? part.charCodeAt(9) : part[9]) === TWO;
}

const TWO = '2'.charCodeAt(0);
