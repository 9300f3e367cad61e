import { once } from 'node:events';
import { afterAll, describe, expect, it } from 'vitest';
import { startApp, startProcess } from './app-process.js';
import { ATTACKS } from './attacks.js';
import { isLong, ms, quantile, recordFigures } from './figures.js';
import { beHealthy } from './healthy-client.js';

/** How long an attack lasts, in ms. */
const DURATION = isLong ? 10_000 : 2000;

/** As docs/deployment.md shows them, with shorter times. */
const SERVER = {
  headersTimeout: DURATION / 2,
  requestTimeout: DURATION / 2,
  connectionsCheckingInterval: 100,
  maxHeaderSize: 16_384,
};

/** The statuses of the responses to an attack, and no others. */
const RESPONSES: Record<string, string[]> = {
  'headers, a byte at a time': ['408'],
  'bodies, a byte at a time': ['408'],
  'aborts in mid-body': [],
  'headers of 64 KiB': ['431'],
  '4,000 headers': ['404'],
  'pipelined requests, 100 at a time': ['404'],
};

const rows: Record<string, unknown>[] = [];
const nothing = 'nothing';

describe('a client that behaves is served as usual, beside', () => {
  afterAll(() => recordFigures('hostile', 'A client that behaves, beside one that does not', rows));

  it.each([nothing, ...Object.keys(ATTACKS)])('%s', { timeout: DURATION + 60_000 }, async (name) => {
    const app = await startApp(SERVER);
    const end = performance.now() + DURATION;
    const attacker = startProcess(name === nothing ? 'no-attacker.ts' : 'attacker.ts', {
      name,
      port: app.port,
      duration: DURATION,
    });
    const reported = once(attacker, 'message', { signal: AbortSignal.timeout(DURATION + 30_000) });
    let hasReported = false;
    const counted = reported.then(([counts]) => {
      hasReported = true;
      return counts as Record<string, number>;
    });
    const health = await beHealthy(app.port, () => hasReported && performance.now() > end);
    const { connections = 0, ...responses } = await counted;
    const report = await app.report();

    expect(health.wrong).toEqual([]);
    expect(report.unhandled).toEqual([]);
    // Nothing was stored for the attacker.
    expect(report.created).toBe(health.created);
    expect(Object.keys(responses)).toEqual(RESPONSES[name] ?? []);
    if (name !== nothing) expect(connections).toBeGreaterThan(0);
    rows.push({
      beside: name,
      'connections of the attacker': connections,
      'answers to it': describeResponses(responses),
      requests: health.latencies.length,
      'median latency': ms(quantile(health.latencies, 0.5)),
      'in 99 %': ms(quantile(health.latencies, 0.99)),
      'wrong or missing answers': health.wrong.length,
    });
  });
});

function describeResponses(responses: Record<string, number>): string {
  return Object.entries(responses)
    .map(([status, times]) => `${times.toLocaleString('en')} × ${status}`)
    .join(', ');
}
