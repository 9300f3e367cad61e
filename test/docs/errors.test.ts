import { readFileSync } from 'node:fs';
import express from 'express';
import request from 'supertest';
import { describe, expect, it } from 'vitest';
import { ERRORS } from '../../src/http/errors.js';
import { createMemoryStore, createSessionRouter, type SessionErrorCode } from '../../src/index.js';
import { listen } from '../http/hosts.js';
import { block, proseOf } from './docs-pages.js';
import { startBlock } from './run-block.js';

const PAGE = 'errors.md';

const codes = Object.keys(ERRORS) as SessionErrorCode[];

/** A request that is answered by each code, on a host whose session "broken" its store fails. */
const REQUESTS: Record<SessionErrorCode, (client: ReturnType<typeof request>) => request.Test> = {
  invalid_session_id: (client) => client.get('/sessions/a b'),
  invalid_json: (client) => client.put('/sessions/new').type('json').send("{'visitId':'v'}"),
  invalid_body: (client) => client.put('/sessions/new').type('json').send('[]'),
  invalid_field: (client) => client.put('/sessions/new').send({ visitId: 7 }),
  ambiguous_header: (client) =>
    client.put('/sessions/new').set({ gkc_customerId: 'a', 'gkc-customerId': 'b' }),
  forbidden: (client) => client.get('/sessions/forbidden'),
  session_not_found: (client) => client.get('/sessions/unknown'),
  method_not_allowed: (client) => client.post('/sessions/new'),
  body_too_large: (client) => client.put('/sessions/new').send({ visitId: 'x'.repeat(16_384) }),
  unsupported_media_type: (client) => client.put('/sessions/new').type('form').send('visitId=v'),
  store_unavailable: (client) => client.get('/sessions/broken'),
};

const host = () => {
  const memory = createMemoryStore();
  const get = (id: string) => (id === 'broken' ? Promise.reject(new Error('down')) : memory.get(id));
  const authorize = (_req: unknown, { sessionId }: { sessionId?: string }) => sessionId !== 'forbidden';
  return listen(express().use(createSessionRouter({ ...memory, get }, { authorize })));
};

/** The section of each code: from its heading to the next. */
const sections = new Map(
  proseOf(PAGE)
    .split(/^#+ /m)
    .map((section) => [/^`(\w+)`\n/.exec(section)?.[1] ?? '', section] as const),
);

describe('docs/errors.md', () => {
  it('has a heading for every code, in the order of the source, and for no other', () => {
    const [, below = ''] = proseOf(PAGE).split('\n## Codes\n');
    const [section = ''] = below.split(/^## /m);
    expect([...section.matchAll(/^### `(\w+)`$/gm)].map((match) => match[1])).toEqual(codes);
  });

  it.each(codes)('%s: its status and what to do', (code) => {
    const section = sections.get(code);
    expect(section).toContain(`Status ${ERRORS[code].status}`);
    for (const word of ['When', 'Cause', 'Client', 'Host']) expect(section).toContain(`- **${word}**: `);
  });

  it.each(codes)('%s: is answered as shown', async (code) => {
    const { url } = await host();
    const answer = await REQUESTS[code](request(url));
    expect(answer.status).toBe(ERRORS[code].status);
    expect(answer.body).toEqual(JSON.parse(block(PAGE, code).text));
    expect(answer.headers['retry-after']).toBe(code === 'store_unavailable' ? '1' : undefined);
    expect(answer.headers.allow).toBe(code === 'method_not_allowed' ? 'PUT' : undefined);
  });

  it('shows the form that all have', () => {
    expect(JSON.parse(block(PAGE, 'form').text)).toEqual(JSON.parse(block(PAGE, 'session_not_found').text));
  });

  it('has messages that the source has too', () => {
    const source = [
      'http/request-body',
      'http/attach-session',
      'http/host-session',
      'http/new-session',
      'http/request-input',
    ]
      .map((file) => readFileSync(new URL(`../../src/${file}.ts`, import.meta.url), 'utf8'))
      .join('\n');
    const messages = [
      ...['A session ID is required', 'The body is not valid UTF-8', 'The body could not be read'],
      ...['The Content-Encoding of the body is not supported', 'this request did not pass the middleware'],
      ...[
        'call it before the response begins',
        'option "generateId" must give',
        'The body of the request was read before',
      ],
      ...['option "generateId" gave the ID of a live session', 'option "identify" must answer'],
    ];
    const page = proseOf(PAGE).replace(/\s+/g, ' ');
    for (const message of messages) {
      expect(page).toContain(message);
      expect(source).toContain(message);
    }
  });

  it('shows an error handler for what host code sees', async () => {
    const { url } = await startBlock(PAGE, 'host-errors');
    const { body } = await request(url).put('/sessions/new');
    const post = (visitId: unknown) =>
      request(url).post(`/visit?sessionId=${body.sessionId}`).send({ visitId });
    expect((await post('v1')).body).toEqual({ visitId: 'v1' });
    const invalid = await post(7);
    expect(invalid).toMatchObject({ status: 400, body: { message: 'visitId must be a string' } });
  });

  it('shows the messages of construction errors', () => {
    const make = (options: object) => () => createSessionRouter(createMemoryStore(), options);
    const thrown = [
      make({ alowDelete: true }),
      make({ storeTimeout: 0 }),
      make({ autoCreate: true }),
      make({ cookie: { secret: 's', sameSite: 'none' } }),
      () => createSessionRouter({} as never),
    ].map((construct) => {
      try {
        construct();
      } catch (error) {
        return (error as Error).message;
      }
      throw new Error('nothing was thrown');
    });
    const [, section = ''] = proseOf(PAGE).split('## Errors at construction');
    const shown = [...section.matchAll(/^- `(.*)`$/gm)].map((match) => match[1] as string);
    expect(shown).toHaveLength(thrown.length);
    for (const [i, message] of shown.entries()) {
      for (const part of message.split('…')) expect(thrown[i]).toContain(part);
    }
  });

  it('has a heading for every warning', () => {
    const files = ['http/session-cookie.ts', 'stores/memory.ts'];
    const source = files
      .map((file) => readFileSync(new URL(`../../src/${file}`, import.meta.url), 'utf8'))
      .join('');
    const warnings = [...source.matchAll(/warnOnce\(\s*'(\w+)'/g)].map((match) => match[1]);
    const [, section = ''] = proseOf(PAGE).split('## Warnings');
    expect([...section.matchAll(/^### `(\w+)`$/gm)].map((match) => match[1])).toEqual(warnings);
  });
});
