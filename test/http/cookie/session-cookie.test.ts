import { readFileSync } from 'node:fs';
import type http from 'node:http';
import https from 'node:https';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import express from 'express';
import session, { type CookieOptions, MemoryStore } from 'express-session';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import {
  createMemoryStore,
  createSessionRouter,
  endSession,
  type SessionCookieOptions,
  type SessionRouterOptions,
} from '../../../src/index.js';
import { HOSTS, listen, showSession } from '../hosts.js';
import { rawRequest, requestBytes } from '../raw-request.js';
import { request } from '../request.js';

const secret = 'keyboard cat';

const sessionOf = (text: string) => JSON.parse(text).sessionInfo;
const setCookie = (response: { headers: unknown }) =>
  (response.headers as { 'set-cookie'?: string[] })['set-cookie']?.[0];

describe.each(HOSTS)('the cookie on $name', ({ listener, prefix }) => {
  async function start(cookie: SessionCookieOptions, options: SessionRouterOptions = {}) {
    const store = createMemoryStore();
    const { url, port } = await listen(listener(createSessionRouter(store, { ...options, cookie })));
    const created = await request(url).put(`${prefix}/sessions/new`);
    const header = setCookie(created) as string;
    return {
      store,
      url,
      header,
      pair: header?.split(';')[0] as string,
      info: created.body,
      see: async (...headers: string[]) =>
        sessionOf((await rawRequest(port, requestBytes(`GET ${prefix}/page`, headers))).body),
    };
  }

  it('is set by PUT, and attaches the session', async () => {
    const { header, pair, info, see } = await start({ secret });
    expect(header).toMatch(/^connect\.sid=s%3A[0-9a-f-]{36}\.[A-Za-z0-9%]+; Path=\/; HttpOnly$/);
    expect(await see(`Cookie: ${pair}`)).toEqual(info);
    expect(await see(`Cookie: a=b; ${pair}; c=d`)).toEqual(info);
  });

  it('is never set by POST or GET: the caller chose that ID', async () => {
    const { url } = await start({ secret });
    for (const response of [
      await request(url).post(`${prefix}/sessions/chosen`),
      await request(url).post(`${prefix}/sessions/chosen`),
      await request(url).get(`${prefix}/sessions/chosen`),
    ]) {
      expect(response.headers['set-cookie']).toBeUndefined();
    }
  });

  it('attaches nothing with one character changed, also after the original was verified', async () => {
    const { pair, info, see } = await start({ secret });
    expect(await see(`Cookie: ${pair}`)).toEqual(info);
    for (let i = 'connect.sid='.length; i < pair.length; i++) {
      const other = pair[i] === '0' ? '1' : '0';
      const changed = pair.slice(0, i) + other + pair.slice(i + 1);
      expect(await see(`Cookie: ${changed}`), changed).toBeNull();
    }
    expect(await see(`Cookie: ${pair}`)).toEqual(info);
  });

  it('is not read without option cookie', async () => {
    const { pair, info } = await start({ secret });
    const { url } = await listen(listener(createSessionRouter(createMemoryStore())));
    await request(url).post(`${prefix}/sessions/${info.sessionId}`);
    expect(sessionOf((await request(url).get(`${prefix}/page`).set('Cookie', pair)).text)).toBeNull();
  });

  it('is signed with the first secret and verified with all of them', async () => {
    const old = await start({ secret: 'old' });
    const { store, see, pair, info } = await start({ secret: ['new', 'old'] });
    await store.create(old.info.sessionId, {});
    expect(await see(`Cookie: ${old.pair}`)).toMatchObject({ sessionId: old.info.sessionId });
    const onlyNew = await start({ secret: ['new'] });
    await onlyNew.store.create(old.info.sessionId, {});
    expect(await onlyNew.see(`Cookie: ${old.pair}`)).toBeNull();
    await onlyNew.store.create(info.sessionId, {});
    expect(await onlyNew.see(`Cookie: ${pair}`)).toMatchObject({ sessionId: info.sessionId });
  });

  it('attaches nothing if it is forged, unsigned, truncated, huge or repeated', async () => {
    const { store, info, pair, see } = await start({ secret });
    await store.create('other', {});
    const value = pair.slice('connect.sid='.length);
    const tail = value.slice(-4);
    const bad = [
      `connect.sid=${info.sessionId}`,
      `connect.sid=s%3A${info.sessionId}`,
      `connect.sid=s%3A${info.sessionId}.`,
      `connect.sid=s%3Aother${value.slice(value.indexOf('.'))}`,
      `connect.sid=${value.slice(0, -1)}`,
      `connect.sid=${value.slice(0, -4)}${tail === 'AAAA' ? 'BBBB' : 'AAAA'}`,
      `connect.sid=${value}x`,
      `connect.sid=${value.slice(4)}`,
      'connect.sid=',
      'connect.sid',
      'connect.sid=s%3A',
      'connect.sid=%zz',
      'connect.sid=j%3A%7B%7D',
      `connect.sid=s%3A${'x'.repeat(8000)}.sig`,
      `Connect.Sid=${value}`,
      `xconnect.sid=${value}`,
      `${pair}; connect.sid=s%3Aother.sig`,
      `connect.sid=s%3Aother.sig; ${pair}`,
      `\xa0${pair}`,
      `a=b;\xa0${pair}`,
    ];
    for (const header of bad) expect(await see(`Cookie: ${header}`), header).toBeNull();
    expect(await see(`Cookie: ${pair}; ${pair}`)).toEqual(info);
    expect(await see(`Cookie: connect.sid=;\t${pair} ; connect.sid=`)).toEqual(info);
    expect(await see(`Cookie: ${pair}`)).toEqual(info);
  });

  it('falls through to the next source if it does not verify', async () => {
    const { store, url } = await start({ secret }, { sources: ['cookie', 'query'] });
    await store.create('live', {});
    const response = await request(url)
      .get(`${prefix}/page?sessionId=live`)
      .set('Cookie', 'connect.sid=s%3Alive.forged');
    expect(sessionOf(response.text)).toMatchObject({ sessionId: 'live' });
  });

  it('attaches nothing once the session has ended', async () => {
    const { store, info, pair, see } = await start({ secret });
    await store.delete(info.sessionId);
    expect(await see(`Cookie: ${pair}`)).toBeNull();
  });

  it.each<[string, SessionCookieOptions, RegExp]>([
    ['name', { secret, name: 'sid' }, /^sid=s%3A/],
    ['path', { secret, path: '/shop' }, /; Path=\/shop; HttpOnly$/],
    ['domain', { secret, domain: 'example.com' }, /; Domain=example\.com; Path=\/; HttpOnly$/],
    ['httpOnly', { secret, httpOnly: false }, /; Path=\/$/],
    [
      'maxAge',
      { secret, maxAge: 3_600_000 },
      /; Path=\/; Expires=\w{3}, \d\d \w{3} \d{4} [\d:]{8} GMT; HttpOnly$/,
    ],
    ['sameSite', { secret, sameSite: 'lax' }, /; HttpOnly; SameSite=Lax$/],
    ['sameSite true', { secret, sameSite: true }, /; HttpOnly; SameSite=Strict$/],
    ['sameSite auto', { secret, sameSite: 'auto' }, /; HttpOnly; SameSite=Lax$/],
    ['priority', { secret, priority: 'high' }, /; HttpOnly; Priority=High$/],
    ['secure false', { secret, secure: false }, /; Path=\/; HttpOnly$/],
  ])('attribute %s', async (_, cookie, expected) => {
    const { header, info, see, pair } = await start(cookie);
    expect(header).toMatch(expected);
    expect(await see(`Cookie: ${pair}`)).toEqual(info);
  });

  it('with secure: true is not set on plain HTTP, as in express-session', async () => {
    const { header, info } = await start({ secret, secure: true });
    expect(header).toBeUndefined();
    expect(info.sessionId).toBeDefined();
  });
});

describe('a cookie that was verified', () => {
  it('is not verified again, but another one is', async () => {
    const crypto = createRequire(import.meta.url)('node:crypto') as typeof import('node:crypto');
    const compare = vi.spyOn(crypto, 'timingSafeEqual');
    onTestFinished(() => compare.mockRestore());
    const app = express().use(createSessionRouter(undefined, { cookie: { secret } }), showSession);
    const pair = (setCookie(await request(app).put('/sessions/new')) as string).split(';')[0] as string;
    const other = pair.replace('s%3A', 's%3Ax');
    for (const [cookie, comparisons] of [
      [pair, 1],
      [pair, 1],
      [other, 2],
      [pair, 2],
      [other, 3],
    ] as const) {
      await request(app).get('/').set('Cookie', cookie);
      expect(compare).toHaveBeenCalledTimes(comparisons);
    }
  });
});

describe('maxAge', () => {
  it('is the time from the response to Expires', async () => {
    const app = express().use(createSessionRouter(undefined, { cookie: { secret, maxAge: 3_600_000 } }));
    const before = Date.now();
    const response = await request(app).put('/sessions/new');
    const expires = Date.parse(/Expires=([^;]+)/.exec(setCookie(response) as string)?.[1] as string);
    expect(expires).toBeGreaterThan(before + 3_600_000 - 2000);
    expect(expires).toBeLessThanOrEqual(Date.now() + 3_600_000);
  });
});

describe('secure: auto', () => {
  const app = (trustProxy: boolean, cookie: Partial<SessionCookieOptions> = {}) =>
    express()
      .set('trust proxy', trustProxy)
      .use(createSessionRouter(undefined, { cookie: { secret, secure: 'auto', ...cookie } }));

  it('is Secure behind a trusted proxy if the request came by HTTPS', async () => {
    const put = (trust: boolean, proto: string, cookie = {}) =>
      request(app(trust, cookie)).put('/sessions/new').set('X-Forwarded-Proto', proto);
    expect(setCookie(await put(true, 'https'))).toMatch(/; HttpOnly; Secure$/);
    expect(setCookie(await put(true, 'http'))).not.toMatch(/Secure/);
    expect(setCookie(await put(false, 'https'))).not.toMatch(/Secure/);
    expect(setCookie(await put(true, 'https', { secure: true }))).toMatch(/; Secure$/);
    expect(setCookie(await put(true, 'https', { sameSite: 'auto' }))).toMatch(/; Secure; SameSite=None$/);
    expect(setCookie(await put(true, 'https', { secure: true, name: '__Host-sid' }))).toMatch(
      /^__Host-sid=.*; Path=\/; HttpOnly; Secure$/,
    );
    const chips = { secure: true, sameSite: 'none', partitioned: true } as const;
    expect(setCookie(await put(true, 'https', chips))).toMatch(/; Secure; Partitioned; SameSite=None$/);
  });

  it('is the default', async () => {
    const response = await request(app(true, { secure: undefined }))
      .put('/sessions/new')
      .set('X-Forwarded-Proto', 'https');
    expect(setCookie(response)).toMatch(/; Secure$/);
  });

  it('is Secure on a TLS socket, with Express and without', async () => {
    const router = createSessionRouter(undefined, { cookie: { secret } });
    const bare: http.RequestListener = (req, res) => router(req as never, res as never, () => res.end());
    for (const listener of [app(false), bare]) {
      const file = (name: string) => readFileSync(new URL(`../tls/${name}`, import.meta.url));
      const server = https.createServer(
        { key: file('localhost-key.pem'), cert: file('localhost-cert.pem') },
        listener,
      );
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      onTestFinished(() => void server.close());
      const { port } = server.address() as AddressInfo;
      const response = await request(`https://127.0.0.1:${port}`)
        .put('/sessions/new')
        .trustLocalhost()
        .disableTLSCerts();
      expect(setCookie(response)).toMatch(/; Secure$/);
    }
  });
});

describe('with the real express-session', () => {
  const withoutTime = (header = '') => header.replace(/Expires=[^;]+GMT/, 'Expires=…');

  const matrix: CookieOptions[] = [
    {},
    { path: '/shop' },
    { domain: 'example.com' },
    { httpOnly: false },
    { sameSite: true },
    { sameSite: 'lax' },
    { sameSite: 'strict' },
    { priority: 'low' },
    { secure: true },
    { secure: 'auto' },
    { secure: true, sameSite: 'none', partitioned: true, priority: 'high' },
    { maxAge: 60_000 },
  ];

  it.each(matrix)('writes the same bytes with %j', async (options) => {
    const generateId = () => 'the-same-id';
    const theirs = express()
      .set('trust proxy', true)
      .use(session({ secret, genid: generateId, resave: false, saveUninitialized: true, cookie: options }))
      .use((_req, res) => void res.end());
    // Left out, `secure` is false for express-session and 'auto' for us.
    const cookie = { secret, secure: false, ...options } as SessionCookieOptions;
    const ours = express()
      .set('trust proxy', true)
      .use(createSessionRouter(undefined, { generateId, cookie }));
    // express-session sets a cookie only below its path.
    const path = options.path ?? '/';
    const byThem = setCookie(await request(theirs).get(path).set('X-Forwarded-Proto', 'https'));
    const byUs = setCookie(await request(ours).put('/sessions/new').set('X-Forwarded-Proto', 'https'));
    expect(byThem).toContain('connect.sid=s%3Athe-same-id.');
    expect(withoutTime(byUs)).toBe(withoutTime(byThem));
  });

  it.each(['short', 'with/slash+plus', 'ümlaut 🙂', 'x'.repeat(300)])(
    'creates the same signature with the secret %s',
    async (word) => {
      const app = express();
      const id = 'some-id';
      app.use('/ours', createSessionRouter(undefined, { generateId: () => id, cookie: { secret: word } }));
      app.use(session({ secret: word, genid: () => id, resave: false, saveUninitialized: true }));
      app.get('/theirs', (_req, res) => void res.end());
      expect(setCookie(await request(app).put('/ours/sessions/new'))).toBe(
        setCookie(await request(app).get('/theirs')),
      );
    },
  );

  it('express-session reads our cookie', async () => {
    const ours = express().use(createSessionRouter(undefined, { cookie: { secret } }));
    const created = await request(ours).put('/sessions/new');
    const sessions = new MemoryStore();
    const record = { cookie: { originalMaxAge: null }, visits: 7 } as unknown as session.SessionData;
    await new Promise((resolve) => sessions.set(created.body.sessionId, record, resolve));
    const theirs = express()
      .use(session({ secret, store: sessions, resave: false, saveUninitialized: false }))
      .get(
        '/',
        (req, res) =>
          void res.json({ id: req.sessionID, visits: (req.session as { visits?: number }).visits }),
      );
    const response = await request(theirs)
      .get('/')
      .set('Cookie', (setCookie(created) as string).split(';')[0] as string);
    expect(response.body).toEqual({ id: created.body.sessionId, visits: 7 });
  });

  it('we read the cookie of express-session', async () => {
    const theirs = express()
      .use(session({ secret: ['new', 'old'], resave: false, saveUninitialized: true }))
      .get('/', (req, res) => void res.json({ id: req.sessionID }));
    const set = await request(theirs).get('/');
    const store = createMemoryStore();
    await store.create(set.body.id, { customerId: 'c' });
    const ours = express().use(
      createSessionRouter(store, { cookie: { secret: ['newer', 'new'] } }),
      showSession,
    );
    const response = await request(ours)
      .get('/')
      .set('Cookie', (setCookie(set) as string).split(';')[0] as string);
    expect(sessionOf(response.text)).toMatchObject({ sessionId: set.body.id, customerId: 'c' });
  });

  it('clears a cookie of express-session', async () => {
    const app = express().use(
      createSessionRouter(undefined, { cookie: { secret, domain: 'example.com', path: '/' } }),
    );
    app.get('/logout', (req, res, next) => {
      endSession(req, res).then(() => void res.end(), next);
    });
    expect(setCookie(await request(app).get('/logout'))).toBe(
      'connect.sid=; Domain=example.com; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT; HttpOnly',
    );
  });
});
