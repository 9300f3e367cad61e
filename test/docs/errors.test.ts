import { readdirSync, readFileSync } from 'node:fs';
import express from 'express';
import request from 'supertest';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { ERRORS } from '../../src/http/errors.js';
import {
  createMemoryStore,
  createSessionRouter,
  type SessionAction,
  type SessionErrorCode,
} from '../../src/index.js';
import { listen } from '../http/hosts.js';
import { secret, signedCookie } from '../http/signed-cookie.js';
import { block, proseOf, rowsBelow } from './docs-pages.js';
import { startBlock } from './run-block.js';

const PAGE = 'errors.md';

const codes = Object.keys(ERRORS) as SessionErrorCode[];

beforeEach(() => void vi.stubEnv('SESSION_SECRET', secret));

/** A request for each code, to an app whose session "broken" its store fails. */
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

const start = () => {
  const memory = createMemoryStore();
  const get = (id: string) => (id === 'broken' ? Promise.reject(new Error('down')) : memory.get(id));
  const authorize = (_req: unknown, action: SessionAction) =>
    action.action === 'create' || action.sessionId !== 'forbidden';
  return listen(express().use(createSessionRouter({ ...memory, get }, { authorize })));
};

/** The section of each code: from its heading to the next. */
const sections = new Map(
  proseOf(PAGE)
    .split(/^#+ /m)
    .map((section) => [/^`(\w+)`\n/.exec(section)?.[1] ?? '', section] as const),
);

const source = readdirSync(new URL('../../src/', import.meta.url), { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts'))
  .map((file) => readFileSync(new URL(`../../src/${file}`, import.meta.url), 'utf8'))
  .join('\n');

describe('docs/errors.md', () => {
  it('has a heading for every code, in the order of the source, and for no other', () => {
    const [, below = ''] = proseOf(PAGE).split('\n## Codes\n');
    const [section = ''] = below.split(/^## /m);
    expect([...section.matchAll(/^### `(\w+)`$/gm)].map((match) => match[1])).toEqual(codes);
  });

  it.each(codes)('%s: says when it occurs and what to do', (code) => {
    for (const word of ['When', 'Fix']) expect(sections.get(code)).toContain(`- **${word}**: `);
  });

  it.each(codes)('%s: the routes respond with its status and message', async (code) => {
    const { url } = await start();
    const { status, body, headers } = await REQUESTS[code](request(url));
    const [, shownStatus, message] = /^Status (\d+).*?: "(.*)"\.$/m.exec(sections.get(code) ?? '') ?? [];
    expect({ status, ...body.error }).toEqual({ status: Number(shownStatus), code, message });
    expect(headers['retry-after']).toBe(code === 'store_unavailable' ? '1' : undefined);
    expect(headers.allow).toBe(code === 'method_not_allowed' ? 'PUT' : undefined);
  });

  it('shows the form that all have', async () => {
    const { url } = await start();
    const { body } = await request(url).get('/sessions/unknown');
    expect(JSON.parse(block(PAGE, 'form').text)).toEqual(body);
  });

  it('has messages that the source has too', () => {
    const messages = [
      ...['A session ID is required', 'The body is not valid UTF-8', 'The body could not be read'],
      'The Content-Encoding of the body is not supported',
      ...rowsBelow(PAGE, '## Errors without a code').map(
        ([cell = '']) => /^"(?:… )?(.*?)(?: …)?"$/.exec(cell)?.[1] ?? '',
      ),
    ].filter((message) => message !== '');
    expect(messages).toHaveLength(4 + 9);
    const page = proseOf(PAGE).replace(/\s+/g, ' ');
    for (const message of messages) {
      expect(page).toContain(message);
      expect(source).toContain(message);
    }
  });

  it('shows an error handler', async () => {
    const { url, exports } = await startBlock<{ store: ReturnType<typeof createMemoryStore> }>(
      PAGE,
      'error-handler',
    );
    exports.store.create('visitor', {});
    const Cookie = signedCookie('visitor');
    const post = (visitId: unknown) => request(url).post('/visit').set({ Cookie }).send({ visitId });
    expect((await post('v1')).body).toEqual({ visitId: 'v1' });
    expect(await post('x'.repeat(5000))).toMatchObject({
      status: 400,
      body: { error: { code: 'invalid_field' } },
    });
    expect((await request(url).post('/visit')).status).toBe(400);
    Object.assign(exports.store, { get: () => Promise.reject(new Error('down')) });
    const failed = await post('v2');
    expect(failed).toMatchObject({ status: 503, headers: { 'retry-after': '1' } });
    expect(failed.body).toEqual({
      error: { code: 'store_unavailable', message: 'Please try again in a moment' },
    });
  });

  it('shows the messages of errors at start-up', () => {
    const create = (options: object) => () => createSessionRouter(createMemoryStore(), options);
    const thrown = [
      create({ alowDelete: true }),
      create({ storeTimeout: 0 }),
      create({ autoCreate: true }),
      create({ sources: ['cookie'] }),
      create({ cookie: { secret: 's', sameSite: 'none' } }),
      () => createSessionRouter({} as never),
    ].map((construct) => {
      try {
        construct();
      } catch (error) {
        return (error as Error).message;
      }
      throw new Error('nothing was thrown');
    });
    const [, section = ''] = proseOf(PAGE).split('## Errors at start-up');
    const shown = [...section.matchAll(/^- `(.*)`$/gm)].map((match) => match[1] as string);
    expect(shown).toHaveLength(thrown.length);
    for (const [i, message] of shown.entries()) {
      for (const part of message.split('…')) expect(thrown[i]).toContain(part);
    }
  });

  it('lists every warning', () => {
    const warnings = [...source.matchAll(/warnOnce\(\s*'(\w+)'/g)].map((match) => match[1]);
    expect(warnings.length).toBeGreaterThan(4);
    const listed = rowsBelow(PAGE, '## Warnings').map(([code = '']) => code.replaceAll('`', ''));
    expect(listed.sort()).toEqual(warnings.sort());
  });
});
