import express from 'express';
import { describe, expect, it } from 'vitest';
import { ERRORS } from '../../src/http/errors.js';
import { createMemoryStore, createSessionRouter } from '../../src/index.js';
import { listen } from '../http/hosts.js';
import { block, proseOf, readPage, rowsBelow } from './docs-pages.js';

const PAGE = 'http-api.md';

const start = (options = {}) => listen(express().use(createSessionRouter(createMemoryStore(), options)));

/** The arguments of a curl command as a request. */
function requestOf(command: string, url: string): [string, RequestInit] {
  const words = [...command.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '');
  const after = (flag: string) => words.flatMap((word, i) => (words[i - 1] === flag ? [word] : []));
  const target = words.find((word) => word.startsWith('http://')) ?? '';
  const headers = after('-H').map((header) => header.split(': ') as [string, string]);
  const init = { method: after('-X')[0] ?? 'GET', headers, body: after('-d')[0] ?? null };
  return [target.replace('http://localhost:3000', url), init];
}

describe('the calls in the console', () => {
  it('get the responses that the page shows', async () => {
    const [create = '', shown = '', ...others] = block(PAGE, 'calls').text.trim().split('\n');
    const expected = JSON.parse(shown);
    const { url } = await start({ generateId: () => expected.sessionId });
    const response = await fetch(...requestOf(create, url));
    const created = (await response.json()) as Record<string, string>;
    expect(response.status).toBe(201);
    expect(Object.keys(created)).toEqual(Object.keys(expected));
    expect({ ...created, createdAt: expected.createdAt, updatedAt: expected.updatedAt }).toEqual(expected);
    expect(others).toHaveLength(2);
    for (const command of others) {
      const next = await fetch(...requestOf(command, url));
      expect(next.status, command).toBe(200);
      expect(await next.json()).toMatchObject({
        ...created,
        agentId: 'agent-7',
        updatedAt: expect.any(String),
      });
    }
  });
});

describe('a session', () => {
  it('has the members of the page, in their order', async () => {
    const { url } = await start();
    const shown = JSON.parse(block(PAGE, 'session').text);
    const { agentId, customerId, visitId, globalVisitId } = shown;
    const response = await fetch(`${url}/sessions/${shown.sessionId}`, {
      method: 'POST',
      headers: { 'gkc-agentId': agentId, gkc_customerId: customerId, 'Content-Type': 'application/json' },
      body: JSON.stringify({ visitId, globalVisitId }),
    });
    const info = (await response.json()) as object;
    expect(Object.keys(info)).toEqual(Object.keys(shown));
    expect({ ...info, createdAt: shown.createdAt, updatedAt: shown.updatedAt }).toEqual(shown);
  });
});

describe('the routes', () => {
  it('respond as the table says', async () => {
    const { url } = await start({ allowDelete: true });
    const status = async (method: string, path: string) => (await fetch(url + path, { method })).status;
    const response = await fetch(`${url}/sessions/new`, { method: 'PUT' });
    const { sessionId } = (await response.json()) as { sessionId: string };
    expect(response.headers.get('location')).toBe(`/sessions/${sessionId}`);
    expect(await status('GET', `/sessions/${sessionId}`)).toBe(200);
    expect(await status('HEAD', `/Sessions/${sessionId}/`)).toBe(200);
    expect(await status('GET', '/sessions/unknown')).toBe(404);
    expect(await status('POST', `/sessions/${sessionId}`)).toBe(200);
    expect(await status('POST', '/sessions/mine')).toBe(201);
    expect(await status('DELETE', '/sessions/mine')).toBe(204);
    expect(await status('DELETE', '/sessions/mine')).toBe(404);
    expect(await status('POST', '/sessions/0000-0000')).toBe(201);
    expect(await status('GET', '/sessions/0000-0000')).toBe(404);
    for (const [method, path] of [
      ['GET', '/sessions/new'],
      ['POST', '/sessions/NEW'],
      ['PATCH', `/sessions/${sessionId}`],
    ] as const) {
      const refused = await fetch(url + path, { method });
      expect(refused.status).toBe(405);
      expect(refused.headers.get('allow')).toBeTruthy();
    }
    const closed = await start();
    expect((await fetch(`${closed.url}/sessions/mine`, { method: 'DELETE' })).status).toBe(405);
  });

  it('send the headers that the page lists', async () => {
    const { url } = await start();
    for (const [path, method] of [
      ['/sessions/new', 'PUT'],
      ['/sessions/unknown', 'GET'],
    ] as const) {
      const { headers } = await fetch(url + path, { method });
      for (const name of ['Content-Type', 'Cache-Control', 'X-Content-Type-Options'])
        expect(proseOf(PAGE)).toContain(`\`${name}: ${headers.get(name)}\``);
    }
  });
});

describe('the limits', () => {
  const limits = Object.fromEntries(rowsBelow(PAGE, '## Limits').map(([input, , limit]) => [input, limit]));

  it('of a value', async () => {
    const { url } = await start();
    const put = async (body: object, headers = {}) =>
      (
        await fetch(`${url}/sessions/new`, {
          method: 'PUT',
          headers: { 'Content-Type': 'application/json', ...headers },
          body: JSON.stringify(body),
        })
      ).status;
    const [, max] = /1 to (\d+) UTF-16 units/.exec(limits['`gkc_agentId`, `gkc_customerId`'] ?? '') ?? [];
    const longest = 'x'.repeat(Number(max));
    expect(await put({ visitId: longest }, { gkc_agentId: longest })).toBe(201);
    expect(await put({ visitId: `${longest}x` })).toBe(400);
    expect(await put({}, { gkc_agentId: `${longest}x` })).toBe(400);
    expect(await put({ globalVisitId: 'a\u0000' })).toBe(400);
    expect(await put({ globalVisitId: '\ud800' })).toBe(400);
    expect(await put({ globalVisitId: 7 })).toBe(400);
    expect(await put({ visitId: '', globalVisitId: null, other: {} })).toBe(201);
  });

  it('of a session ID in the path', async () => {
    const { url } = await start();
    const [, max] = /^1 to (\d+) of/.exec(limits['`{sessionId}`'] ?? '') ?? [];
    const longest = 'x'.repeat(Number(max));
    for (const [id, status] of [
      [longest, 404],
      [`${longest}x`, 400],
      ['aZ09-._~', 404],
      ['a%20b', 400],
      ['%zz', 400],
    ] as const)
      expect((await fetch(`${url}/sessions/${id}`)).status, id).toBe(status);
  });

  it('of extend', async () => {
    const { url } = await start();
    for (const [value, status] of [
      ['true', 404],
      ['false', 404],
      ['False', 400],
      ['', 400],
    ] as const)
      expect((await fetch(`${url}/sessions/a?extend=${value}`)).status).toBe(status);
  });

  it('of a body', async () => {
    const { url } = await start();
    const put = async (length: number) =>
      (
        await fetch(`${url}/sessions/new`, {
          method: 'PUT',
          headers: { 'Content-Type': 'application/vnd.a+json' },
          body: '{}'.padEnd(length),
        })
      ).status;
    const [, kibibytes] = /at most (\d+) KiB/.exec(limits.body ?? '') ?? [];
    expect(await put(Number(kibibytes) * 1024)).toBe(201);
    expect(await put(Number(kibibytes) * 1024 + 1)).toBe(413);
    const response = await fetch(`${url}/sessions/new`, {
      method: 'PUT',
      body: new Uint8Array([123, 32, 125]),
    });
    expect(response.status).toBe(415);
  });

  it('names no error code that does not exist', () => {
    for (const [, code = ''] of readPage(PAGE).matchAll(/\d{3} `(\w+)`/g))
      expect(ERRORS).toHaveProperty(code);
  });
});
