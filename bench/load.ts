import autocannon from 'autocannon';
import type { Visitor } from './visitors.ts';

export interface LoadRequest {
  readonly method: 'GET' | 'PUT' | 'POST';
  readonly path: string;
  readonly headers?: Record<string, string>;
  readonly body?: string;
}

export type MakeRequest = (visitor: Visitor) => LoadRequest;

/** Enough that the server always has a request waiting; each connection waits for its answer, none pipelines. */
export const CONNECTIONS = 50;

/**
 * Loads a server for so many seconds and answers how many requests it answered, and in how many seconds. The visitors are
 * dealt out to the connections, so that what follows each other names different sessions. Throws unless all answers were 2xx.
 */
export async function load(
  url: string,
  visitors: readonly Visitor[],
  makeRequest: MakeRequest,
  seconds: number,
): Promise<{ requests: number; seconds: number }> {
  const hands = deal(visitors.map(makeRequest), CONNECTIONS);
  let next = 0;
  const start = performance.now();
  const result = await autocannon({
    url,
    connections: CONNECTIONS,
    duration: seconds,
    // It ends with a sample, by default of a second.
    sampleInt: 100,
    setupClient: (client) => client.setRequests(hands[next++ % CONNECTIONS] as LoadRequest[]),
  });
  if (result.errors > 0 || result.non2xx > 0) {
    throw new Error(`${result.errors} requests failed, and ${result.non2xx} answers were not 2xx`);
  }
  return { requests: result['2xx'], seconds: (performance.now() - start) / 1000 };
}

function deal<Item>(items: readonly Item[], hands: number): Item[][] {
  return Array.from({ length: hands }, (_, hand) => items.filter((_, i) => i % hands === hand));
}
