import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createSessionRouter, type SessionRouterOptions } from '../../../src/index.js';
import { HOSTS, listen } from '../../http/hosts.js';
import { rawExchange, requestBytes } from '../../http/raw-request.js';
import { validateResponse } from '../../http/validate-response.js';
import { acceptedValue, sessionId } from './arbitraries.js';
import { holds, TIME_LIMIT } from './runs.js';

/** Every character is a byte. */
const bytes = fc.string({
  unit: fc.integer({ min: 0, max: 255 }).map((byte) => String.fromCharCode(byte)),
  maxLength: 60,
  size: 'max',
});
/** What Node accepts in a head; not `#`, which ends a path for the router but not for the OpenAPI document. */
const visible = fc.string({
  unit: fc.oneof(
    fc
      .integer({ min: 0x21, max: 0x7e })
      .map((byte) => String.fromCharCode(byte))
      .filter((character) => character !== '#'),
    fc.constantFrom('%', '%2', '%2f', '/', '%c3%a9', '?', '='),
  ),
  maxLength: 40,
  size: 'max',
});

const path = fc.oneof(
  visible.map((text) => `/sessions/${text}`),
  fc.constantFrom(
    '/sessions/new',
    '/sessions/NEW',
    '/sessions/a',
    '/page?sessionId=a',
    '/sessions/a?extend=false',
    '/sessions/0-0',
  ),
  visible.map((text) => `/${text}`),
);
const method = fc.constantFrom('GET', 'HEAD', 'PUT', 'POST', 'DELETE', 'PATCH', 'OPTIONS');
const header = fc.tuple(
  fc.constantFrom(
    'gkc_agentId',
    'gkc-agentId',
    'gkc_sessionId',
    'Cookie',
    'Content-Type',
    'Content-Encoding',
  ),
  fc.oneof(visible, bytes, fc.constantFrom('application/json', 'gzip', 'connect.sid=s%3Aa.b')),
);
const json = fc.oneof(
  fc.json(),
  fc.json().map((text) => `{"visitId":${text}}`),
  fc
    .record({ visitId: fc.string(), globalVisitId: fc.string() }, { requiredKeys: [] })
    .map((body) => JSON.stringify(body)),
);
const body = fc.oneof(fc.constant(''), json, fc.uint8Array({ maxLength: 300, size: 'max' }));

const OPTIONS: SessionRouterOptions = {
  cookie: { secret: 'a secret' },
  sources: ['header', 'cookie', 'query'],
  authorize: () => true,
};

const STATUSES = [200, 201, 400, 404, 405, 413, 415];

describe.each(HOSTS.filter(({ name }) => ['Express', 'bare node:http'].includes(name)))(
  'properties of the routes, on $name',
  { timeout: TIME_LIMIT },
  ({ listener }) => {
    const start = async () => (await listen(listener(createSessionRouter(undefined, OPTIONS)))).port;

    it('any bytes get a status of the contract, and JSON', async () => {
      const port = await start();
      await holds(
        fc.asyncProperty(
          method,
          path,
          fc.array(header, { maxLength: 4 }),
          body,
          async (verb, to, heads, content) => {
            const payload = Buffer.from(content);
            const lines = heads.map(([name, value]) => `${name}: ${value}`);
            const length = payload.length > 0 ? [`Content-Length: ${payload.length}`] : [];
            const response = await rawExchange(
              port,
              requestBytes(`${verb} ${to}`, [...lines, ...length], payload),
              verb,
            );
            expect(STATUSES).toContain(response.status);
            // What Node itself rejects has neither type nor body.
            if (response.status === 400 && response.headers['content-type'] === undefined) return;
            if (verb !== 'HEAD') JSON.parse(response.body);
            validateResponse({ method: verb, path: to, ...response });
          },
        ),
      );
    });

    it('accepted values are returned exactly as they were sent', async () => {
      const port = await start();
      await holds(
        fc.asyncProperty(sessionId, acceptedValue, acceptedValue, async (id, visitId, globalVisitId) => {
          const content = JSON.stringify({ visitId, globalVisitId });
          const head = ['Content-Type: application/json', `Content-Length: ${Buffer.byteLength(content)}`];
          await rawExchange(port, requestBytes(`POST /sessions/${id}`, head, content), 'POST');
          const { body: text } = await rawExchange(port, requestBytes(`GET /sessions/${id}`), 'GET');
          expect(JSON.parse(text)).toMatchObject({ sessionId: id, visitId, globalVisitId });
        }),
      );
    });
  },
);
