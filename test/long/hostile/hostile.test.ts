import { once } from 'node:events';
import { afterAll, describe, expect, it } from 'vitest';
import { ATTACKS } from './attacks.js';
import { isLong, ms, quantile, recordFigures } from './figures.js';
import { beHealthy } from './healthy-client.js';
import { startHost, startProcess } from './host-process.js';

/** How long an attack lasts, in ms. */
const DURATION = isLong ? 10_000 : 2000;

/** As docs/security.md shows them, with shorter times. */
const SERVER = {
  headersTimeout: DURATION / 2,
  requestTimeout: DURATION / 2,
  connectionsCheckingInterval: 100,
  maxHeaderSize: 16_384,
};

/** What the server must have answered to an attack, and nothing else. */
const ANSWERS: Record<string, string[]> = {
  'headers, a byte at a time': ['408'],
  'bodies, a byte at a time': ['408'],
  'aborts in mid-body': [],
  'headers of 64 KiB': ['431'],
  '4,000 headers': ['404'],
  'pipelined requests, 100 at a time': ['404'],
};

const rows: Record<string, unknown>[] = [];
const nothing = 'nothing';

describe('a client that behaves is served as ever, beside', () => {
  afterAll(() => recordFigures('hostile', 'A client that behaves, beside one that does not', rows));

  it.each([nothing, ...Object.keys(ATTACKS)])('%s', { timeout: DURATION + 60_000 }, async (name) => {
    const host = await startHost(SERVER);
    const end = performance.now() + DURATION;
    const attacker = startProcess(name === nothing ? 'no-attacker.ts' : 'attacker.ts', {
      name,
      port: host.port,
      duration: DURATION,
    });
    const told = once(attacker, 'message', { signal: AbortSignal.timeout(DURATION + 30_000) });
    let isToldYet = false;
    const counted = told.then(([counts]) => {
      isToldYet = true;
      return counts as Record<string, number>;
    });
    const health = await beHealthy(host.port, () => isToldYet && performance.now() > end);
    const { connections = 0, ...answers } = await counted;
    const report = await host.report();

    expect(health.wrong).toEqual([]);
    expect(report.unhandled).toEqual([]);
    // Nothing was stored for the attacker.
    expect(report.created).toBe(health.created);
    expect(Object.keys(responses)).toEqual(ANSWERS[name] ?? []);
    if (name !== nothing) expect(connections).toBeGreaterThan(0);
    rows.push({
      beside: name,
      'connections of the attacker': connections,
      'answers to it': describeAnswers(responses),
      requests: health.latencies.length,
      'median latency': ms(quantile(health.latencies, 0.5)),
      'in 99 %': ms(quantile(health.latencies, 0.99)),
      'wrong or missing answers': health.wrong.length,
    });
  });
});

function describeAnswers(answers: Record<string, number>): string {
  return Object.entries(responses)
    .map(([status, times]) => `${times.toLocaleString('en')} × ${status}`)
    .join(', ');
}
