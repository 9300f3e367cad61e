import { Agent, request } from 'node:http';

/** The results of a client that behaves. */
export interface Health {
  readonly created: number;
  /** Responses that were wrong, and requests without one. */
  readonly wrong: readonly string[];
  /** Of each request, in ms. */
  readonly latencies: readonly number[];
}

/** Creates sessions and reads them, one after another, until `isOver`. */
export async function beHealthy(port: number, isOver: () => boolean): Promise<Health> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const wrong: string[] = [];
  const latencies: number[] = [];
  let created = 0;
  const ask = async (method: string, path: string, status: number, has: string) => {
    const start = performance.now();
    const response = await send({ agent, port, method, path, headers: { 'gkc-customerId': 'healthy' } });
    latencies.push(performance.now() - start);
    if (response.status !== status || !response.body.includes(has))
      wrong.push(`${response.status} ${response.body}`);
    return response.body;
  };
  while (!isOver()) {
    const body = await ask('PUT', '/sessions/new', 201, '"customerId":"healthy"');
    created++;
    const id = /"sessionId":"([^"]+)"/.exec(body)?.[1] ?? 'none';
    await ask('GET', `/sessions/${id}`, 200, `"sessionId":"${id}"`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  agent.destroy();
  return { created, wrong, latencies };
}

function send(options: object): Promise<{ status: number | undefined; body: string }> {
  return new Promise((resolve) => {
    const failed = (error: Error) => resolve({ status: undefined, body: String(error) });
    const req = request({ host: '127.0.0.1', timeout: 15_000, ...options }, (res) => {
      let body = '';
      res.setEncoding('utf8').on('data', (text) => {
        body += text;
      });
      res.on('end', () => resolve({ status: res.statusCode, body })).on('error', failed);
    });
    req.on('timeout', () => req.destroy(new Error('no response within 15 s')));
    req.on('error', failed);
    req.end();
  });
}
