import { describe, expect, it } from 'vitest';
import { createSessionRouter } from '../../../src/index.js';
import { rowsBelow } from '../../docs/docs-pages.js';
import { HOSTS, listen } from '../hosts.js';
import { rawExchange, rawRequest, requestBytes } from '../raw-request.js';
import { type BadInput, LIVE } from './bad-input.js';
import { CATEGORIES } from './categories.js';
import { OPTIONS } from './options.js';
import { createRecordingStore } from './recording-store.js';

/** An app's own express.json() would respond to some of the bodies itself. */
const apps = HOSTS.filter(({ name }) => ['Express', 'bare node:http'].includes(name));

describe.each(apps)('bad input, on $name', ({ listener }) => {
  it.each(CATEGORIES)(
    '$name',
    async ({ cases }) => {
      const { store, writes } = createRecordingStore();
      const router = createSessionRouter(store, { ...OPTIONS, authorize: () => true });
      const { port } = await listen(listener(router));
      const live = await store.create(LIVE, { customerId: 'c-1', visitId: 'v-1' });
      const prototype = propertiesOf(Object.prototype);
      for (const input of cases) {
        writes.length = 0;
        const outcome = await send(port, input).catch((thrown: Error) => ({ failed: thrown.message }));
        expect.soft({ ...outcome, stores: [...writes] }, input.name).toEqual(expectedOf(input));
        expect(propertiesOf(Object.prototype), input.name).toEqual(prototype);
        const next = await rawRequest(port, requestBytes(`GET /sessions/${LIVE}`));
        expect(JSON.parse(next.body), `the request after: ${input.name}`).toEqual(live);
      }
    },
    30_000,
  );
});

describe('the catalogue of bad input', () => {
  it('has no case twice', () => {
    const all = CATEGORIES.flatMap(({ cases }) => cases.map(({ bytes }) => bytes.toString('latin1')));
    expect(all.length - new Set(all).size).toBe(0);
  });

  it('is counted in bench/TRIED.md', () => {
    const counts = CATEGORIES.map(({ name, cases }) => [name, String(cases.length)]);
    const total = CATEGORIES.reduce((sum, { cases }) => sum + cases.length, 0);
    expect(total).toBeGreaterThanOrEqual(250);
    expect(rowsBelow('../bench/TRIED.md', '## Bad input')).toEqual([
      ...counts,
      ['All', total.toLocaleString('en')],
    ]);
  });
});

interface Outcome {
  readonly status: number;
  readonly code?: string;
  readonly attached?: string | null;
}

/** Each response of the router is compared with the OpenAPI document, too. */
async function send(port: number, { bytes, byNode }: BadInput): Promise<Outcome> {
  if (byNode) return { status: (await rawExchange(port, bytes)).status };
  const { status, body } = await rawRequest(port, bytes);
  const { error, sessionInfo } = body === '' ? {} : JSON.parse(body);
  return {
    status,
    ...(error && { code: error.code }),
    ...(sessionInfo !== undefined && { attached: sessionInfo?.sessionId ?? null }),
  };
}

function expectedOf({ status, code, stores, attached, bytes }: BadInput) {
  const hasBody = !bytes.toString('latin1', 0, 5).startsWith('HEAD ');
  return {
    status,
    ...(code && hasBody && { code }),
    ...(attached !== undefined && { attached }),
    stores: stores ? [stores] : [],
  };
}

function propertiesOf(object: object): unknown {
  return Object.getOwnPropertyDescriptors(object);
}
