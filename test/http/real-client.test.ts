import { describe, expect, it } from 'vitest';
import { createSessionRouter } from '../../src/index.js';
import { expectSession } from './expect-response.js';
import { HOSTS, listen } from './hosts.js';
import { type RawAnswer, rawRequest, requestBytes } from './raw-request.js';

/**
 * One visit, as clients of this API are known to behave: a placeholder ID and an empty gkc_customerId at first, no body and no
 * Content-Type if there is nothing to send, the session ID in the query of other requests, an ID of their own.
 */
describe.each(HOSTS)('the traffic of a real client, on $name', ({ listener, prefix }) => {
  it('works from the first request to the last', async () => {
    const { port } = await listen(listener(createSessionRouter()));
    const send = (line: string, headers: string[] = [], body = '') => {
      const [method, path] = line.split(' ');
      const length = body ? ['Content-Type: application/json', `Content-Length: ${body.length}`] : [];
      return rawRequest(port, requestBytes(`${method} ${prefix}${path}`, [...headers, ...length], body));
    };
    const seen = async (response: Promise<RawAnswer>) => JSON.parse((await response).body).sessionInfo;

    const placeholder = '00000000-0000-0000-0000-0000000000';
    expect(await seen(send(`GET /kbs/search?query=router&sessionId=${placeholder}`))).toBeNull();
    const [first, second] = [
      await send(`POST /sessions/${placeholder}`, ['gkc_customerId: c-1']),
      await send(`POST /sessions/${placeholder}`, ['gkc_customerId: ']),
    ];
    expectSession(first, 201, { customerId: 'c-1' });
    expectSession(second, 201, {});
    expect(JSON.parse(second.body).sessionId).not.toBe(JSON.parse(first.body).sessionId);

    const created = await send('PUT /sessions/new', ['gkc_customerId: ', 'Content-Length: 0']);
    expectSession(created, 201, {});
    const { sessionId } = JSON.parse(created.body);

    expect(await seen(send(`GET /kbs/search?query=router&sessionId=${sessionId}`))).toEqual(
      JSON.parse(created.body),
    );

    const withVisit = await send(`POST /sessions/${sessionId}`, ['gkc_customerId:'], '{"visitId":"v-1"}');
    expectSession(withVisit, 200, { sessionId, visitId: 'v-1' });

    const bodyless = await send(`POST /sessions/${sessionId}`, ['gkc_customerId: c-7']);
    expectSession(bodyless, 200, { sessionId, customerId: 'c-7', visitId: 'v-1' });

    const again = await send(
      `POST /sessions/${sessionId}`,
      ['gkc_customerId:', 'gkc_agentId: agent-1'],
      '{}',
    );
    expectSession(again, 200, { sessionId, agentId: 'agent-1', customerId: 'c-7', visitId: 'v-1' });

    const read = await send(`GET /sessions/${sessionId}`, ['gkc_customerId:', 'Accept: application/json']);
    expect(read.body).toBe(again.body);
    expect(await seen(send(`GET /docs/42?sessionId=${sessionId}`))).toEqual(JSON.parse(again.body));

    const unknown = `widget-${sessionId}`;
    expect(await seen(send(`GET /docs/42?sessionId=${unknown}`))).toBeNull();
    expectSession(await send(`POST /sessions/${unknown}`, ['gkc_customerId:']), 201, { sessionId: unknown });
    expect(await seen(send(`GET /docs/42?sessionId=${unknown}`))).toMatchObject({ sessionId: unknown });
  });
});
