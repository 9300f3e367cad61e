import type { IncomingMessage } from 'node:http';
import express from 'express';
import { describe, expect, it } from 'vitest';
import { queryValues, requestPath } from '../../../src/http/input/request-target.js';
import { createMemoryStore, createSessionRouter } from '../../../src/index.js';
import { listen } from '../hosts.js';
import { rawExchange, requestBytes } from '../raw-request.js';

const request = (url: string, originalUrl?: string) => ({ url, originalUrl }) as unknown as IncomingMessage;

/** Every part that a request target may have, in each form. No backslash: Express reads it as a slash in some forms only, and no browser sends it. */
const ORIGINS = ['', 'http://a.example', 'HTTPS://user:pass@a.example:8080', 'http://[::1]:80', 'ws://a'];
const PATHS = [
  '/',
  '/page',
  '/Page/',
  '//page',
  '/a//b',
  '/page;x=y',
  '/p%61ge',
  '/a.b/..',
  '/http://b/c',
  '/a:b@c',
  '/~-_!$&*',
  '',
];
const QUERIES = [
  '',
  '?',
  '?sessionId=a',
  '??sessionId=a',
  '?x=/y?sessionId=a',
  '?x=http://b/&sessionId=a',
  '?a=1&sessionId=a&sessionId=b',
  '?session%49d=a',
];
const FRAGMENTS = ['', '#', '#x', '#?sessionId=z', '#/y'];

const TARGETS = ORIGINS.flatMap((origin) =>
  PATHS.flatMap((path) =>
    QUERIES.flatMap((query) => FRAGMENTS.map((fragment) => origin + path + query + fragment)),
  ),
);

describe('a request target in every form that Node accepts', () => {
  it('is read as Express reads it', { timeout: 120_000 }, async () => {
    const seen: unknown[] = [];
    const app = express()
      .set('query parser', 'simple')
      .use((req, res) => {
        const ours = { path: requestPath(req), sessionId: queryValues(req, 'sessionId') };
        seen.push({ ours, theirs: { path: req.path, sessionId: [req.query.sessionId ?? []].flat() } });
        res.end();
      });
    const { port } = await listen(app);
    const wrong: unknown[] = [];
    let accepted = 0;
    for (const target of TARGETS) {
      seen.length = 0;
      await rawExchange(port, requestBytes(`GET ${target}`));
      const [result] = seen as { ours: unknown; theirs: unknown }[];
      if (!result) continue;
      accepted++;
      if (JSON.stringify(result.ours) !== JSON.stringify(result.theirs)) wrong.push({ target, ...result });
    }
    expect(accepted).toBeGreaterThan(1000);
    expect(wrong).toEqual([]);
  });

  it('reaches the same route with the same parameters', async () => {
    const store = createMemoryStore();
    store.create('live', {});
    const reads: string[] = [];
    const noted = {
      ...store,
      get(sessionId: string) {
        reads.push('get');
        return store.get(sessionId);
      },
      peek(sessionId: string) {
        reads.push('peek');
        return store.peek(sessionId);
      },
    };
    const { port } = await listen(express().use('/api', createSessionRouter(noted)));
    for (const origin of ['', 'http://a.example', 'http://a.example:80']) {
      for (const fragment of ['', '#x']) {
        const target = `${origin}/api/sessions/live?extend=false${fragment}`;
        expect((await rawExchange(port, requestBytes(`GET ${target}`))).status, target).toBe(200);
        const wrong = `${origin}/api/sessions/live?extend=no${fragment}`;
        expect((await rawExchange(port, requestBytes(`GET ${wrong}`))).status, wrong).toBe(400);
      }
    }
    expect(new Set(reads)).toEqual(new Set(['peek']));
  });
});

describe('requestPath', () => {
  it('is that of the whole request, also below a mount point', () => {
    expect(requestPath(request('/page?x', '/shop/page?x'))).toBe('/shop/page');
  });

  it('is / for a target without a path', () => {
    expect(requestPath(request('http://a.example'))).toBe('/');
    expect(requestPath(request('http://a.example?x'))).toBe('/');
    expect(requestPath({} as IncomingMessage)).toBe('/');
  });
});

describe('queryValues', () => {
  it.each<[string, string[]]>([
    ['/?sessionId=a%20b', ['a b']],
    ['/?sessionId=a+b', ['a b']],
    ['/?sessionId=', ['']],
    ['/?sessionId', ['']],
    ['/?%73essionId=a', ['a']],
    ['/?sessionid=a', []],
    ['/?sessionId=%ff', ['\ufffd']],
    ['/sessionId=a', []],
  ])('of %s are %j', (url, values) => {
    expect(queryValues(request(url), 'sessionId')).toEqual(values);
  });
});
