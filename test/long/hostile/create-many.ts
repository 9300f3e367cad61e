// Creates many sessions by pipelined PUTs, each with the longest values that the API accepts, in a process of its own, and reports
// when the last response has come.
import { connect } from 'node:net';

const { port, count } = JSON.parse(process.argv[2] ?? '') as { port: number; count: number };
process.on('disconnect', () => process.exit());

const LONGEST = 'x'.repeat(256);
const BODY = JSON.stringify({ visitId: LONGEST, globalVisitId: LONGEST });
const HEAD = [
  'PUT /sessions/new HTTP/1.1',
  'Host: a',
  `gkc-agentId: ${LONGEST}`,
  `gkc-customerId: ${LONGEST}`,
  'Content-Type: application/json',
  `Content-Length: ${BODY.length}`,
];
const PUT = `${HEAD.join('\r\n')}\r\n\r\n${BODY}`;
const [CONNECTIONS, BATCH] = [4, 50];

const statuses = await Promise.all(
  Array.from({ length: CONNECTIONS }, () => createSome(count / CONNECTIONS)),
);
process.send?.({ statuses: [...new Set(statuses.flat())] });
process.disconnect();

/** Returns the statuses of the responses. */
function createSome(some: number): Promise<string[]> {
  return new Promise((resolve, reject) => {
    const seen = new Set<string>();
    let [sent, received] = [0, 0];
    const socket = connect(port, '127.0.0.1', send);
    function send() {
      const batch = Math.min(BATCH, some - sent);
      sent += batch;
      socket.write(PUT.repeat(batch));
    }
    socket.setEncoding('latin1').on('data', (text: unknown) => {
      for (const [, status = ''] of String(text).matchAll(/HTTP\/1\.1 (\d{3})/g)) {
        seen.add(status);
        received++;
      }
      if (received >= some) {
        socket.end();
        resolve([...seen]);
      } else if (received === sent) send();
    });
    socket.on('error', reject);
    socket.on('close', () => reject(new Error(`closed after ${received} responses`)));
  });
}
